"""The topics of the help: what no single command explains."""

from __future__ import annotations

from collections.abc import Mapping

from crmshell.outcome import Definitions, Example, Heading, Page, Paragraph

LANGUAGE = Page(
    [
        Heading("the language"),
        Paragraph("A line is a noun, a verb, words and options. Required values may be given by position or by name."),
        Example('customer add "Éloïse Roy" --company ACME --as eloise'),
        Example("contract add @eloise 1500"),
        Example("contract list --not-paid-filter > unpaid.csv"),
        Example("contract list | grep -i acme"),
        Heading("how it is read"),
        Definitions(
            [
                (
                    "\"…\" or '…'",
                    "a value with blanks; a quote opens at the start of a word alone: O'Brien needs none",
                ),
                ("--option=VALUE", "the same as --option VALUE; an option without a value is a switch"),
                ("--", "what follows is a value, even if it begins with --"),
                ("\\ at the end", "the line goes on in the next one; so does Alt-Enter"),
                ("# at the start of a word", "a comment"),
                ("@NAME", "the record that --as NAME named; @contract, @customer, @event the last one touched"),
                ("@NAME.FIELD", "a value of that record"),
                ("> FILE, >! FILE", "writes what is shown: .csv .tsv .json .jsonl .txt; >! replaces a file"),
                ("| COMMAND", "hands what is shown to a command of your own shell"),
                ("$NAME", "in scripts: a value from --var; @@ and $$ are the plain characters"),
            ]
        ),
    ]
)

VALUES = Page(
    [
        Heading("values"),
        Definitions(
            [
                ("amount", "1234.56  1234,56  1 234,56 €  1.234,56; at most two decimals"),
                ("moment", "2027-03-01 14:00  01/03/2027 14:00  today  tomorrow 9:00  +3d  next friday 19:00"),
                ("day", "the same without a time: 2027-03-01  yesterday  +7d"),
                ("employee", "a username"),
                ("customer, event", "a number"),
                ("contract", "the first characters of its id, four or more, that no other contract has"),
                ("phone", "a number of the home region, or one with its + and country"),
                ("e-mail", "an address; who sends mail to it is not asked"),
                ('""', "empties a field in an update"),
            ]
        ),
        Paragraph("Moments are typed and shown in the zone of the settings; json and csv carry the offset."),
    ]
)

KEYS = Page(
    [
        Heading("keys"),
        Definitions(
            [
                ("Tab, Shift-Tab, ↓ ↑", "walk through the menu; Enter takes the entry and runs nothing yet"),
                ("Enter", "runs the line; what it lacks is asked for"),
                ("→", "takes the grey suggestion from the history"),
                ("Ctrl-R", "searches what was typed; recall WORDS lists it"),
                ("Alt-Enter", "continues the line"),
                ("Ctrl-X Ctrl-E", "opens the line in your editor"),
                ("Ctrl-C", "clears the line, abandons a question, stops a command"),
                ("Ctrl-Z", "suspends the shell; fg comes back"),
                ("Ctrl-D", "leaves"),
            ]
        ),
        Paragraph("settings set keys vi changes to the keys of vi; v in its normal mode opens the editor."),
    ]
)

SCRIPTS = Page(
    [
        Heading("scripts"),
        Paragraph("The same lines run from files, pipes and words. They stop at the first error and never ask."),
        Definitions(
            [
                ("crm-shell -f month-end.crm", "a script; -c LINE one line; a pipe its stdin"),
                ("--check", "reads the script and names every fault, without a database"),
                ("--dry-run", "really runs it, then rolls everything back"),
                ("--atomic", "the whole script or nothing"),
                ("--keep-going", "runs on after a line that failed, and sums up"),
                ("--var NAME=VALUE, --vars FILE", "what $NAME stands for; once for each row of a csv file"),
                ("--resumable, --resume", "goes on where a run was cut off, each line once"),
                ("--yes", "confirms what would be asked"),
                ("--allow-shell", "lets lines write files with > and run commands with |"),
                ("--format json", "errors are objects too"),
            ]
        ),
        Heading("exit codes"),
        Definitions(
            [
                ("0", "done"),
                ("1", "refused: an invalid value or a rule of the business"),
                ("2", "usage: unknown command or option, missing value"),
                ("3", "not logged in, wrong password, session ended"),
                ("4", "forbidden to this employee"),
                ("5", "no such record, or several"),
                ("6", "a duplicate, or changed by somebody else meanwhile"),
                ("7", "the database cannot be used"),
                ("70", "a mistake of the program; the log file it names has the details"),
                ("130", "interrupted"),
            ]
        ),
    ]
)

TOPICS: Mapping[str, Page] = {"language": LANGUAGE, "values": VALUES, "keys": KEYS, "scripts": SCRIPTS}
"""The pages by name; `permissions` is made from the declarations and stands beside them."""
