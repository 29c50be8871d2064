"""The words of the sample company: its people, what they celebrate and where, what they note."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Occasion:
    """A kind of event: when it begins, how long it takes (both in hours), how many come."""

    name: str
    begins: int
    lasts: int
    fewest: int
    most: int


STAFF = """
alice  | administrator | Alice Martin
benoit | administrator | Benoît Lefèbvre
carla  | commercial    | Carla Dell'Acqua
colm   | commercial    | Colm O'Sullivan
lukasz | commercial    | Łukasz Wiśniewski
ines   | commercial    | Inês Gonçalves
petra  | commercial    | Petra Nováková-Žižek
sam    | support       | Samira N'Diaye
oyvind | support       | Øyvind Sørensen
eleni  | support       | Ελένη Παπαδοπούλου
mei    | support       | 林美玲
nils   | none          | Nils Bjørk
"""

# Name, company, e-mail, phone. The French, British, German and Swedish numbers are of ranges kept for fiction.
CUSTOMERS = """
Éloïse d'Été | L'Atelier des Lumières | eloise.dete@example.com | +33199001851
Jean-Baptiste L'Hermitte | Vignobles L'Hermitte & Fils | jb.lhermitte@example.com | +33536492210
Siobhán O'Brien | O'Brien Whiskey Tasting Ltd | siobhan@obrien.example | +35312345678
Žofie Žižková | Žižkov Records s.r.o. | zofie.zizkova@example.org | +420221234567
Anne-Laure Le Bihan | Biscuiterie de l'Odet | al.lebihan@example.com | +33261914007
François-Xavier de La Rochefoucauld | | fx.larochefoucauld@example.net | +33199000012
Øystein Bjørnstad | Fjord & Fjell AS | oystein@fjordfjell.example | +4722345678
Maïté Etcheverry | Fromagerie Etcheverry | maite.etcheverry@example.com | +33536496464
Κωνσταντίνος Νικολάου | Αιγαίο Ταξίδια | k.nikolaou@example.org | +302101234567
Aurélie N'Guyen | Clinique vétérinaire des Trois-Épis | aurelie.nguyen@example.com | +33353016820
Stanisław Dąbrowski-Żuk | Żuk i Synowie | stanislaw@zuk.example | +48221234567
Clémence Dœuil | | clemence.doeuil@example.com |
山田 花子 | 山田商事株式会社 | hanako.yamada@example.com | +81312345678
Gwenaël Kerbrat | Conserverie Kerbrat | gwenael@kerbrat.example | +33261912900
Håkan Ångström | Ångström Ljus AB | hakan.angstrom@example.com | +46313900612
Marie-Thérèse Saint-Étienne | Lycée hôtelier Sainte-Ève | mt.saintetienne@example.org | +33465714200
João da Conceição | Azulejos Conceição, Lda. | joao@azulejos.example | +351211234567
Noémie Garçon | Garçon ! | noemie@garcon.example | +33199007511
Björn Müller-Lüdenscheidt | Straßenbau Müller GmbH & Co. KG | b.mueller@example.com | +493023125012
Thaïs d'Argenlieu | Fondation d'Argenlieu | thais@argenlieu.example | +33199001616
Mårten Öberg | | marten.oberg@example.net | +46313900645
Loïc Le Goïc | Chantier naval du Goïc | loic.legoic@example.com | +33261915617
Zoltán Kővári | Kővári Pálinka Kft. | zoltan@kovari.example | +3612345678
Inès Ben Ali-Roussel | Roussel Événementiel | ines.roussel@example.com | +33465711306
Giuseppe D'Angelo | Pasticceria D'Angelo | giuseppe@dangelo.example | +390612345678
Capucine Œillet | Fleurs & Œillets | capucine@oeillets.example | +33353016700
王小明 | 小明茶行 | xiaoming.wang@example.com | +862112345678
Jean-Noël Hénaff-L'Hostis | | jn.henaff@example.com | +33261912929
Ásdís Jónsdóttir | Jöklar ehf. | asdis@joklar.example | +3544101234
Véronique Prud'homme | Cabinet Prud'homme, Saÿ et associés | v.prudhomme@example.com | +33199000808
Søren Kjærgaard | Kjærgaard Møbler A/S | soren@kjaergaard.example | +4532123456
Mathéo Ançel | | | +33536493300
Nuria Peña i Muñoz | Cava Peña | nuria@cavapena.example | +34810123456
Gaëlle Maës | Brasserie Maës | gaelle@maes.example | +33353015959
Oisín Ó Súilleabháin | | oisin@example.org | +35312349876
Sylvain Bœuf | Boucherie Bœuf & Agneau | sylvain@boeufagneau.example | +33465716903
Đorđe Đurić | Đurić Zvuk d.o.o. | djordje@djuric-zvuk.example | +38110234567
Anaïs Lévêque-Dupré | Théâtre de l'Œil-de-Bœuf | anais@oeildeboeuf.example | +33199002020
Wolfgang Weiß | Weiß & Söhne | wolfgang@weiss.example | +493023125077
Héloïse Bézier-Courbe | Studio Courbe | heloise@courbe.example | +33536493131
Cornelis van 't Hof | Van 't Hof Bloemen B.V. | cornelis@vanthof.example | +31201234567
Rémi Quéméner | Crêperie Ty Quéméner | remi.quemener@example.com | +33261912235
Ilona Šimkutė | Gintaras UAB | ilona@gintaras.example | +37031234567
Yaël Cohen-Solal | Éditions du Chat-Huant | yael@chat-huant.example | +33199003344
Thomas d'Hondt | D'Hondt Chocolatier | thomas@dhondt.example | +3227900123
Fanny Ménétrier | | fanny.menetrier@example.com | +33353012525
김민준 | 한강무역 | minjun.kim@example.com | +82221234567
Émile Zacharie | Association « Les Z'allumés » | emile.zacharie@example.org | +33465713400
Ludmila Čapková | Knihy Čapková | ludmila@capkova.example | +420221987654
Brigitte Haÿ | Roseraie du Val-de-Marne | brigitte.hay@example.com | +33199009400
Ian MacLeod-O'Neill | Skye Hospitality plc | ian@skyehospitality.example | +442079460018
Aloïs Grünwald | Grünwald Optik AG | alois@gruenwald.example | +41212345678
Océane Çelik | Çelik Traiteur | oceane@celik.example | +33353015708
Timothée d'Ormesson-Lagarde | | timothee.lagarde@example.net | +33199004567
Jürgen Groß | Groß Messebau GmbH | juergen@grossmesse.example | +493023125150
Ștefan Țăranu | Țăranu Vinuri SRL | stefan@taranu.example | +40211234567
Lucie Tréguier | Compagnie des transports fluviaux et maritimes de l'Estuaire | l.treguier@example.com | +33261914444
Hélène Šťastná-Morel | Morel & Šťastná Architectes | helene@morel-stastna.example | +33536498700
Pádraig Mac Giolla Íosa | Mac Giolla Teoranta | padraig@macgiolla.example | +35312344321
Zélie Hervé-Aÿ | Champagne Hervé-Aÿ | zelie@herve-ay.example | +33353015116
"""

FOR_COMPANIES = (
    Occasion("Séminaire", 9, 9, 15, 60),
    Occasion("Gala", 19, 6, 120, 600),
    Occasion("Lancement de produit", 18, 4, 40, 250),
    Occasion("Congrès", 8, 34, 150, 900),
    Occasion("Journée portes ouvertes", 10, 8, 80, 400),
    Occasion("Dîner d'équipe", 20, 4, 8, 45),
    Occasion("Formation", 14, 4, 6, 20),
    Occasion("Vœux & galette", 17, 3, 30, 180),
)
FOR_PEOPLE = (
    Occasion("Mariage", 15, 12, 60, 220),
    Occasion("Anniversaire", 19, 6, 20, 90),
    Occasion("Fête d'été", 16, 9, 30, 120),
    Occasion("Vernissage", 18, 3, 25, 140),
)
LOCATIONS = (
    "Château de l'Étang, 77300 Fontainebleau",
    "Domaine d'Été, 13100 Aix-en-Provence",
    "Péniche L'Équinoxe, port de la Râpée, Paris 12ᵉ",
    "Palais des congrès, Saint-Malo",
    "Salle des fêtes, L'Haÿ-les-Roses",
    "Le Lieu unique, Nantes",
    "Halle aux Grains, Toulouse",
    "Cité internationale de la gastronomie, Lyon",
    "Brauhaus am Rhein, Köln",
    "Národní dům, Praha",
    "Grand Hôtel, Øvre Slottsgate 3, Oslo",
    "Μουσείο Μπενάκη, Αθήνα",
    "The Mills, O'Connell Street, Dublin",
    "Siège du client, salle Œuvres vives",
)
NOTES = (
    "Prévoir une rampe d'accès et deux places de stationnement PMR.",
    "Menu végétarien pour un tiers des convives ; pas d'arachide.",
    "Le client tient à l'éclairage bleu (Pantone 2935 C).",
    "Livraison par l'arrière-cour, avant 11 h.",
    "Discours d'ouverture : 10 min, micro-cravate.",
    "Traduction simultanée français / English / ελληνικά.",
    "Plan B à l'intérieur s'il pleut.",
)
PARAGRAPHS = (
    "Le traiteur confirme 3 serveurs de plus.",
    "Vu le régisseur : la scène fait 6 × 4 m, 32 A disponibles.",
    "Fleuriste prévenue, livraison à 16 h.",
    "Le client a rappelé : l'horaire ne bouge plus.",
    "Møte med lokalet : nøkkelen hentes hos vaktmesteren.",
    "Sono réservée chez Kővári, caution réglée.",
    "Reste à trouver un photographe.",
    "Assurance reçue, à joindre au dossier.",
)
VIEWS = (
    ("unsigned", "contract list --not-signed-filter --where 'created_at < -30d' --sort created_at"),
    ("unpaid", "contract list --not-paid-filter --where 'signed = yes' --sort total_due-"),
    ("upcoming", 'event list --where "start >= $day" --sort start --columns id,name,start,customer,support,location'),
)
METHODS = ("transfer", "transfer", "transfer", "card", "card", "cheque", "debit", "other", "cash")
REFERENCES = {"transfer": "VIR {}", "card": "TPE {}", "cheque": "CHQ 00{}", "debit": "MNDT-{}", "other": "Avoir n° {}"}
