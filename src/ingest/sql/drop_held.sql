DROP TABLE {held}
