"""The words that made-up companies, people and places are put together from; no person of these is meant."""

from __future__ import annotations


def _pool(text: str) -> tuple[str, ...]:
    return tuple(text.split())


def _phrases(text: str) -> tuple[str, ...]:
    return tuple(phrase.strip() for phrase in text.split("|"))


FIRST_NAMES = _pool(
    """
    Adèle Agathe Aïcha Alain Albane Alexis Alice Alix Aloïs Amélie Anaïs André Angèle Anne-Laure Anouk Antoine
    Apolline Ariane Armand Arnaud Aubin Aude Aurèle Aurélie Axelle Baptiste Barnabé Basile Bastien Béatrice
    Bénédicte Benoît Bérénice Bertrand Blaise Blandine Brice Brigitte Camille Capucine Caroline Cécile Célestin
    Céline Charline Chloé Christelle Clémence Clément Clotilde Colette Coline Corentin Côme Cyprien Cyrille
    Damien Daphné Delphine Denis Diane Didier Dimitri Dorothée Edgar Édith Edmée Éléonore Éliane Élie Élise
    Élodie Éloïse Élouan Émeline Émile Émilie Emma Enzo Erwan Estelle Étienne Eugénie Évelyne Fabien Fabrice
    Fanny Fatou Faustine Félicie Félix Fernand Flore Florent François François-Xavier Françoise Gabin Gaël
    Gaëlle Gaspard Gauthier Geneviève Geoffroy Gérard Germain Ghislaine Gilles Goulven Grégoire Guénolé Guilhem
    Gwenaël Hadrien Hélène Héloïse Henri Hervé Hippolyte Honoré Hortense Hugo Ignace Inès Irène Isaure Isée
    Ismaël Jean-Baptiste Jean-Noël Jérémie Jérôme Joël Joséphine Judith Julien Kévin Laëtitia Lætitia Laure
    Laurène Lazare Léa Léandre Léonard Léonie Léopold Lilian Lise Loïc Loris Louise Loup Lucie Ludivine Maël
    Maëlys Magali Maïté Manon Marc-Antoine Margaux Marie-Thérèse Marius Mathéo Mathilde Maud Maxence Mélanie
    Mélusine Mickaël Mireille Morgane Nadège Naïma Nathanaël Nicolas Noé Noël Noémie Océane Octave Odile Olivia
    Ombeline Pascal Paulin Pauline Perrine Philippe Philomène Pierre-Yves Prosper Quentin Raphaël Raymond
    Rébecca Régis Rémi Renée Robin Romane Ronan Rosalie Roxane Sabine Salomé Sandrine Sébastien Ségolène Sélène
    Siméon Simon Solène Sophie Soizic Stéphane Suzanne Sylvain Sylvie Tanguy Tatiana Thaïs Théodore Théophile
    Thérèse Thibault Timothée Tiphaine Titouan Tristan Ugo Ulysse Valentin Valérie Véronique Victoire Vincent
    Violette Virginie Vivien Wilfried Xavier Yaël Yann Yannick Yvon Yvonne Zacharie Zélie Zoé Łukasz Øyvind
    Søren Siobhán Małgorzata João Inês Ελένη İpek Đorđe Þóra 美玲 花子
    """
)

PARTICLES = ("", "", "", "", "", "", "Le ", "De ", "Saint-", "Mac")
PARTICLES_BEFORE_VOWELS = ("", "", "d'", "L'", "N'", "O'")
SURNAME_STEMS = _pool(
    """
    Aub Barb Bast Beaul Bélang Berg Bern Bess Blanch Boisr Bonn Bouch Bour Brév Caill Carp Cast Chab Champ Chant
    Charl Châtel Chauv Clair Clém Corb Cord Cour Dal Daub Dav Delf Desr Douc Drou Dub Duf Dup Durv Escoff Esn
    Évr Fabr Faur Fav Ferr Feuill Font Forest Fourn Gail Gall Garn Gaud Gerv Gir Grand Grév Guér Guill Haut Hél
    Héron Hub Jacq Jard Jol Jouv Kerbr Kerg Labr Lac Laf Lamb Lan Lar Laur Lav Lecl Lef Leg Lem Len Lequ Ler Lév
    Lois Maill Mal March Mart Mass Maup Mén Merc Mich Mont Mor Moul Nav Noir Norm Œuv Ormess Pag Parm Pell Péron
    Perr Pich Poir Pouss Prév Quém Rab Ray Ren Rib Rich Riv Roch Rom Rouss Sabl Salv Sav Séguin Serv Sim Tall
    Tess Thév Thib Tour Trém Vaill Val Vass Verd Vign Vill Viv Volt
    """
)
SURNAME_ENDINGS = _pool(
    """
    ac ade aie aigne ais al ald amp an and ane anne ard arie at ault ay é eau eaux el elle elin en ennes er erie
    et ette eul euil euse ey ez ié ier iers ière ieu igny il ille illon in ine ineau ion is isse ix oin ois oise
    ol olle on ot otte ou oul our oux oy u uis un urier ut y
    """
)

TRADES = _pool(
    """
    Agence Atelier Atlas Biscuiterie Boucherie Boulangerie Brasserie Cabinet Cave Chantier Cirque Clinique
    Conserverie Crêperie Distillerie Domaine École Éditions Épicerie Fabrique Ferme Filature Fondation Fonderie
    Fromagerie Garage Galerie Graineterie Hôtel Imprimerie Institut Jardinerie Laiterie Librairie Maison
    Manufacture Marbrerie Menuiserie Minoterie Optique Orchestre Papeterie Parfumerie Pâtisserie Pharmacie
    Poissonnerie Quincaillerie Savonnerie Scierie Serrurerie Studio Tannerie Théâtre Tonnellerie Transports
    Verrerie Vignobles Voilerie
    """
)
OWNERS = ("{}", "{}", "{}", "{} & Fils", "{} Frères", "Veuve {}", "{} & Cie")
COMPANY_FORMS = ("", "", "", "", "SARL", "SA", "SAS", "et associés", "GmbH", "Ltd", "A/S", "株式会社")

OCCASIONS = _phrases(
    """
    Anniversaire|Assemblée générale|Atelier|Banquet|Bal masqué|Cérémonie|Cocktail|Colloque|Concert|Conférence|Congrès|
    Convention|Défilé|Dégustation|Dîner de gala|Exposition|Fête|Fête de Noël|Festival|Forum|Inauguration|Kermesse|
    Journée portes ouvertes|Lancement|Mariage|Marché de Noël|Noces d'or|Projection|Réception|Récital|Régate|
    Remise des prix|Repas des aînés|Rallye|Salon|Séminaire|Soirée|Spectacle|Symposium|Tournoi|Vernissage|Vœux
    """
)
SEASONS = _phrases("de printemps|d'été|d'automne|d'hiver|annuel|du personnel|des adhérents|2026|2027|")

VENUES = _pool(
    """
    Abbaye Amphithéâtre Auberge Bastide Beffroi Bibliothèque Casino Chalet Chapelle Château Cloître Cour Domaine Donjon
    Espace Forge Grange Guinguette Halle Haras Jardin Lycée Mairie Manège Manoir Mas Musée Orangerie Palais Parc
    Péniche Phare Place Pavillon Pressoir Prieuré Quai Salle Serre Terrasse Théâtre Tour Verger Verrière Villa
    """
)
TOWNS = _pool(
    """
    Aigues-Mortes Albi Ambérieu Angers Annecy Arcachon Arles Auxerre Avignon Avranches Bayeux Bayonne Beaune
    Besançon Béziers Biarritz Blois Bourg-en-Bresse Brest Briançon Cahors Cancale Carcassonne Céret Chambéry
    Châlons Chinon Cluny Colmar Concarneau Dijon Dinard Dole Étretat Évian Évreux Figeac Foix Fougères Gap
    Gérardmer Gien Grasse Grenoble Guérande Honfleur Hyères Issoire Joigny Josselin Langres Laon L'Isle-Adam
    Loches Lourmarin Lunéville Mâcon Mende Menton Millau Moissac Montélimar Morlaix Mulhouse Nevers Nîmes
    Noirmoutier Nyons Obernai Orléans Ornans Paimpol Pau Pérouges Perpignan Pézenas Pontarlier Quiberon Quimper
    Redon Riquewihr Rocamadour Rodez Roscoff Saint-Malo Sancerre Sarlat Saumur Sélestat Senlis Sète Sisteron
    Thonon Troyes Uzès Vannes Vézelay Vichy Vienne Vitré Yvetot Łódź Ærøskøbing Göteborg Kraków Porto
    """
)

NOTE_WORDS = _pool(
    """
    accès accueil affiche allergie ambiance ampoules arrivée ascenseur assiettes attention badge bagages
    banderole barnum béquilles billetterie boissons bouquet buffet cachet câble camion cantine caution chaises
    chapiteau chauffage chèque chevalet clé cloison coffre comptoir confirmer contacter couverts cuisine danse
    décor départ déjeuner devis discours douche dossier eau éclairage écran écharpe embarcadère emplacement
    enceinte enfants entrée équipe escalier estrade étage étiquettes facture fauteuil fleurs foule fournisseur
    fumigène galette gardien générateur glaçons gobelets gradins grille groupe guirlande horaire hôtesse huîtres
    imprimante invités jardin jonquilles jury lampions lavabo liste livraison loge lumière maire maquette
    marquee micro montage mousse musiciens nappes navette œillets orchestre parapluie parking partition
    pâtissier pelouse photographe piano planning plateau pluie pompiers pourboire préfecture presse prévenir
    programme projecteur quai quatuor rallonge rampe régie régisseur repas répétition réserver retard rideau
    robinet ruban salle scène sécurité serrure serveurs signature silence soleil sono sortie stand table tapis
    tente terrasse théière tombola toilettes traiteur tribune tulipes urne vaisselle végétarien verres vestiaire
    vidéo vigile vin violon voiture
    """
)
