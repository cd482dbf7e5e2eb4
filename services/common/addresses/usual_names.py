"""Names of regions that people use and the data does not have, and cities that say in which region they lie.

    "DE": {"BY": "Bavaria | Munich | München"}          # code of ISO 3166-2 without the country: names

Listed where the calendar or the zone differs by region and the data names the regions in the country's language only,
or not at all. Comparison is without case, accents and marks.
"""

from __future__ import annotations

from collections.abc import Mapping

NAMES: Mapping[str, Mapping[str, str]] = {
    "AR": {"C": "CABA | Ciudad Autónoma de Buenos Aires | Capital Federal | Buenos Aires City"},
    "AT": {
        "1": "Burgenland | Eisenstadt",
        "2": "Carinthia | Kärnten | Klagenfurt | Villach",
        "3": "Lower Austria | Niederösterreich | Sankt Pölten | St. Pölten",
        "4": "Upper Austria | Oberösterreich | Linz | Wels | Steyr",
        "5": "Salzburg",
        "6": "Styria | Steiermark | Graz | Leoben",
        "7": "Tyrol | Tirol | Innsbruck",
        "8": "Vorarlberg | Bregenz | Dornbirn | Feldkirch",
        "9": "Vienna | Wien",
    },
    "BR": {"SP": "Sao Paulo", "DF": "Federal District | Brasília", "RJ": "Rio"},
    "CA": {
        "AB": "Alta", "BC": "Colombie-Britannique", "MB": "Man", "NB": "Nouveau-Brunswick", "ON": "Ont",
        "NL": "Newfoundland | Labrador | NF | Nfld | Terre-Neuve-et-Labrador", "NS": "Nouvelle-Écosse", "NT": "NWT",
        "PE": "PEI | Île-du-Prince-Édouard", "QC": "Québec | PQ | Que", "SK": "Sask",
    },
    "CH": {
        "AG": "Argovia | Argovie | Aarau",
        "AI": "Appenzell Inner Rhodes",
        "AR": "Appenzell Outer Rhodes",
        "BE": "Berne | Bern | Biel | Bienne | Thun",
        "BL": "Basel-Country | Baselland | Basel-Landschaft | Liestal",
        "BS": "Basel | Basle | Bâle | Basel-City | Basel-Stadt",
        "FR": "Fribourg | Freiburg",
        "GE": "Geneva | Genève | Genf | Ginevra",
        "GL": "Glarus | Glaris",
        "GR": "Grisons | Graubünden | Grigioni | Chur | Davos",
        "JU": "Jura | Delémont",
        "LU": "Lucerne | Luzern",
        "NE": "Neuchâtel | Neuenburg",
        "NW": "Nidwald | Nidwalden | Stans",
        "OW": "Obwald | Obwalden | Sarnen",
        "SG": "Saint Gall | St. Gallen | Sankt Gallen | Saint-Gall",
        "SH": "Schaffhouse | Schaffhausen",
        "SO": "Soleure | Solothurn | Olten",
        "SZ": "Schwyz",
        "TG": "Thurgovia | Thurgau | Frauenfeld",
        "TI": "Ticino | Tessin | Lugano | Bellinzona | Locarno",
        "UR": "Uri | Altdorf",
        "VD": "Vaud | Waadt | Lausanne | Montreux",
        "VS": "Valais | Wallis | Sion | Zermatt",
        "ZG": "Zug | Zoug",
        "ZH": "Zurich | Zürich | Zurigo | Winterthur",
    },
    "CO": {"DC": "Bogotá | Bogotá D.C. | Distrito Capital | Santa Fe de Bogotá"},
    "CL": {"RM": "Santiago | Región Metropolitana de Santiago | Región Metropolitana | Santiago Metropolitan"},
    "CN": {
        "15": "Inner Mongolia | Nei Mongol | Nei Menggu",
        "54": "Tibet | Xizang",
        "65": "Xinjiang Uyghur Autonomous Region | Xinjiang",
        "64": "Ningxia Hui Autonomous Region | Ningxia",
        "45": "Guangxi Zhuang Autonomous Region | Guangxi",
    },
    "DE": {
        "BW": "Baden-Württemberg | Baden-Wurttemberg | Stuttgart | Karlsruhe | Mannheim | Heidelberg"
        " | Freiburg im Breisgau | Ulm | Heilbronn",
        "BY": "Bavaria | Bayern | Munich | München | Nuremberg | Nürnberg | Augsburg | Regensburg"
        " | Würzburg | Ingolstadt",
        "BE": "Berlin",
        "BB": "Brandenburg | Potsdam | Cottbus",
        "HB": "Bremen | Bremerhaven",
        "HH": "Hamburg",
        "HE": "Hesse | Hessen | Frankfurt | Frankfurt am Main | Wiesbaden | Kassel | Darmstadt",
        "MV": "Mecklenburg-Western Pomerania | Mecklenburg-West Pomerania | Mecklenburg-Vorpommern"
        " | Rostock | Schwerin",
        "NI": "Lower Saxony | Niedersachsen | Hanover | Hannover | Braunschweig | Oldenburg | Osnabrück | Wolfsburg"
        " | Göttingen",
        "NW": "North Rhine-Westphalia | Nordrhein-Westfalen | NRW | Cologne | Köln | Düsseldorf | Dortmund | Essen"
        " | Duisburg | Bochum | Wuppertal | Bielefeld | Bonn | Münster | Aachen | Mönchengladbach",
        "RP": "Rhineland-Palatinate | Rheinland-Pfalz | Mainz | Koblenz | Trier | Ludwigshafen",
        "SL": "Saarland | Saarbrücken",
        "SN": "Saxony | Sachsen | Leipzig | Dresden | Chemnitz",
        "ST": "Saxony-Anhalt | Sachsen-Anhalt | Magdeburg | Halle",
        "SH": "Schleswig-Holstein | Kiel | Lübeck | Flensburg",
        "TH": "Thuringia | Thüringen | Erfurt | Jena | Weimar",
    },
    "ES": {
        "AN": "Andalusia | Andalucía",
        "AR": "Aragon",
        "AS": "Asturias",
        "CB": "Cantabria",
        "CE": "Ceuta",
        "CL": "Castile and León | Castilla y León | Castile-León",
        "CM": "Castile-La Mancha | Castilla-La Mancha",
        "CN": "Canary Islands | Canarias | Islas Canarias | Canaries",
        "CT": "Catalonia | Cataluña | Catalunya",
        "EX": "Extremadura",
        "VI": "Araba | Álava", "SS": "Gipuzkoa | Guipúzcoa", "BI": "Bizkaia | Biscay", "C": "A Coruña | Corunna",
        "A": "Alacant", "B": "BCN", "CS": "Castelló", "GI": "Gerona", "L": "Lleida", "OR": "Orense", "V": "València",
        "GC": "Las Palmas de Gran Canaria | Gran Canaria", "SE": "Seville", "TF": "Sta. Cruz de Tenerife | Tenerife",
        "Z": "Saragossa",
        "GA": "Galicia",
        "IB": "Balearic Islands | Islas Baleares | Illes Balears | Baleares | Mallorca | Majorca | Ibiza | Menorca",
        "MC": "Murcia",
        "MD": "Madrid",
        "ML": "Melilla",
        "NC": "Navarre | Navarra | Nafarroa",
        "PV": "Basque Country | País Vasco | Euskadi",
        "RI": "La Rioja",
        "VC": "Valencian Community | Comunidad Valenciana | Comunitat Valenciana",
    },
    "FR": {
        "57": "Moselle | Metz",
        "6AE": "Alsace | Bas-Rhin | Haut-Rhin | Strasbourg | Mulhouse | Colmar",
        "971": "Guadeloupe",
        "972": "Martinique",
        "973": "French Guiana | Guyane | Guyane française",
        "974": "La Réunion | Réunion | Reunion Island | Île de la Réunion",
        "976": "Mayotte",
        "BL": "Saint-Barthélemy | St. Barts",
        "MF": "Saint-Martin",
        "NC": "New Caledonia | Nouvelle-Calédonie",
        "PF": "French Polynesia | Polynésie française | Tahiti",
        "PM": "Saint-Pierre-et-Miquelon | Saint Pierre and Miquelon",
        "WF": "Wallis-et-Futuna | Wallis and Futuna",
    },
    "GB": {
        "ENG": "England | London | Greater London | Manchester | Birmingham | Liverpool | Leeds | Bristol | Sheffield",
        "NIR": "Northern Ireland | NI | Belfast | Derry | Londonderry | Antrim | Armagh | Down | Fermanagh | Tyrone",
        "SCT": "Scotland | Edinburgh | Glasgow | Aberdeen | Dundee | Inverness | Stirling | Perth",
        "WLS": "Wales | Cymru | Cardiff | Caerdydd | Swansea | Abertawe | Newport | Wrexham",
    },
    "HK": {"Hong Kong Island": "HK Island | Hong Kong | HK | HKI", "Kowloon": "KLN | KL", "New Territories": "NT"},
    "IN": {
        "OD": "Orissa | OR", "PY": "Pondicherry", "DL": "New Delhi | NCT of Delhi | Delhi NCR | दिल्ली",
        "UK": "Uttaranchal | UT", "CG": "Chattisgarh | Chhatisgarh | CT", "TS": "TG", "MH": "महाराष्ट्र",
        "UP": "उत्तर प्रदेश", "BR": "बिहार", "RJ": "राजस्थान", "MP": "मध्य प्रदेश", "GJ": "ગુજરાત",
        "TN": "தமிழ்நாடு", "KA": "ಕರ್ನಾಟಕ", "KL": "കേരളം", "WB": "পশ্চিমবঙ্গ", "PB": "ਪੰਜਾਬ",
    },
    "IT": {
        "MI": "Milan", "RM": "Rome", "FI": "Florence", "NA": "Naples", "TO": "Turin", "VE": "Venice", "GE": "Genoa",
        "PD": "Padua", "MN": "Mantua", "SR": "Syracuse", "LI": "Leghorn", "BZ": "South Tyrol | Bozen | Alto Adige",
        "TN": "Trent", "AO": "Aosta Valley | Valle d'Aosta | Vallée d'Aoste",
    },
    "MX": {
        "CMX": "Mexico City | DF | D.F. | Distrito Federal | Ciudad de México",
        "MEX": "State of Mexico | Edomex | Edo. Mex. | México",
        "BCN": "Baja California Norte | BC",
        "COA": "Coahuila", "MIC": "Michoacán", "VER": "Veracruz", "QUE": "Querétaro", "ROO": "QROO | Q. Roo",
        "NLE": "NL",
    },
    "NZ": {"AUK": "Auckland", "WGN": "Wellington", "CAN": "Canterbury | Christchurch", "OTA": "Otago | Dunedin"},
    "PE": {"LIM": "Lima"},
    "PT": {"20": "Azores | Açores | Região Autónoma dos Açores", "30": "Madeira | Funchal"},
    "RU": {
        "MOW": "Moscow | Moskva | Moscow City",
        "SPE": "Saint Petersburg | St. Petersburg | Sankt-Peterburg",
        "KGD": "Kaliningrad",
        "SVE": "Yekaterinburg | Sverdlovsk",
        "NVS": "Novosibirsk",
        "PRI": "Primorye | Primorsky | Vladivostok",
        "KYA": "Krasnoyarsk",
        "TA": "Tatarstan | Kazan",
    },
    "TH": {"10": "Bangkok | Krung Thep | Krung Thep Maha Nakhon"},
    "US": {
        "AL": "Ala", "AZ": "Ariz", "AR": "Ark", "CA": "Calif | Cal", "CO": "Colo", "CT": "Conn", "DE": "Del",
        "FL": "Fla", "IL": "Ill", "IN": "Ind",
        "KS": "Kans | Kan", "MA": "Mass", "MI": "Mich", "MN": "Minn", "MS": "Miss",
        "MT": "Mont", "NE": "Nebr | Neb", "NV": "Nev", "NM": "N. Mex", "ND": "N. Dak", "OK": "Okla", "OR": "Ore | Oreg",
        "PA": "Penn | Penna", "SD": "S. Dak", "TN": "Tenn", "TX": "Tex", "VI": "U.S. Virgin Islands | USVI",
        "WA": "Wash", "DC": "Washington DC", "WV": "W. Va", "WI": "Wis | Wisc", "WY": "Wyo",
    },
    "VE": {"A": "Caracas | Distrito Capital"},
}  # fmt: skip

WIDER: Mapping[str, str] = {
    "IT": "Abruzzo | Apulia | Puglia | Basilicata | Calabria | Campania | Emilia-Romagna | Friuli-Venezia Giulia"
    " | Lazio | Latium | Liguria | Lombardy | Lombardia | Marche | The Marches | Molise | Piedmont | Piemonte"
    " | Sardinia | Sardegna | Sicily | Sicilia | Trentino-Alto Adige | Trentino-South Tyrol | Tuscany | Toscana"
    " | Umbria | Veneto | Venetia",
}
"""Regions above those of the data: real, so nobody needs to be asked, but the postal code says which part it is."""

SPANISH_COMMUNITIES: Mapping[str, str] = {
    "AN": "AL CA CO GR H J MA SE", "AR": "HU TE Z", "AS": "O", "CB": "S", "CE": "CE", "CL": "AV BU LE P SA SG SO VA ZA",
    "CM": "AB CR CU GU TO", "CN": "GC TF", "CT": "B GI L T", "EX": "BA CC", "GA": "C LU OR PO", "IB": "PM", "MC": "MU",
    "MD": "M", "ML": "ML", "NC": "NA", "PV": "BI SS VI", "RI": "LO", "VC": "A CS V",
}  # fmt: skip
"""Public holidays are those of the community, addresses have the province: provinces by community."""

POSTAL_AREAS: Mapping[str, Mapping[str, str]] = {
    "GB": {
        "SCT": r"(?:AB|DD|DG|EH|FK|G|HS|IV|KA|KW|KY|ML|PA|PH|ZE)\d|TD(?!15)\d",
        "WLS": r"(?:CF|LD|LL|NP|SA)\d|SY(?:1[06-9]|2[0-5])",
        "NIR": r"BT\d",
    },
    "CH": {  # the ranges that lie in one canton as a whole
        "ZH": "80", "GE": "12[0-2]", "VD": "10[01]", "BE": "30[01]", "BS": "40", "LU": "600", "TI": "69",
        "SG": "90[01]",
    },
    "DE": {  # the ranges that lie in one state as a whole
        "BY": "8[0-7]|9[0-5]", "BW": "7[0-35789]", "NW": "4[0-24-7]|5[0-29]", "BE": "10", "SN": "01[0-8]|09",
        "TH": "99", "HE": "6[01]", "HH": "20", "ST": "39", "MV": "18",
    },
    "FR": {
        "57": "57", "6AE": "6[78]", "BL": "97133", "MF": "97150", "971": "971", "972": "972", "973": "973",
        "974": "974", "PM": "975", "976": "976", "WF": "986", "PF": "987", "NC": "988",
    },
    "PT": {"30": "9[0-4]", "20": "9[5-9]"},
}  # fmt: skip
"""How postal codes of a region begin where the data does not say, and the calendar or the zone hangs on it."""
