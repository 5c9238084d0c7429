SET temp_directory = '';
SET TimeZone = 'UTC';
SET allowed_paths = [{path}];
SET enable_external_access = false;
SET lock_configuration = true
