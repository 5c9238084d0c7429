# Written by `millrace lake policy --format terraform`. Check with `millrace lake status` after an apply.

resource "aws_s3_bucket" "lake" {
  bucket = "shop-lake"
  object_lock_enabled = true

  lifecycle {
    prevent_destroy = true
  }
}

resource "aws_s3_bucket_ownership_controls" "lake" {
  bucket = aws_s3_bucket.lake.id

  rule {
    object_ownership = "BucketOwnerEnforced"
  }
}

resource "aws_s3_bucket_public_access_block" "lake" {
  bucket = aws_s3_bucket.lake.id
  block_public_acls = true
  ignore_public_acls = true
  block_public_policy = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_versioning" "lake" {
  bucket = aws_s3_bucket.lake.id

  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "lake" {
  bucket = aws_s3_bucket.lake.id

  rule {
    bucket_key_enabled = true

    apply_server_side_encryption_by_default {
      sse_algorithm = "aws:kms"
      kms_master_key_id = "arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
    }
  }
}

resource "aws_s3_bucket_policy" "lake" {
  bucket = aws_s3_bucket.lake.id
  policy = jsonencode({
    "Version": "2012-10-17",
    "Statement": [
      {
        "Sid": "MillraceTlsOnly",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": [
          "arn:aws:s3:::shop-lake",
          "arn:aws:s3:::shop-lake/*"
        ],
        "Condition": {
          "BoolIfExists": {
            "aws:SecureTransport": "false"
          }
        }
      },
      {
        "Sid": "MillraceTls12",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": [
          "arn:aws:s3:::shop-lake",
          "arn:aws:s3:::shop-lake/*"
        ],
        "Condition": {
          "NumericLessThan": {
            "s3:TlsVersion": "1.2"
          }
        }
      },
      {
        "Sid": "MillraceOtherEncryption",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:PutObject",
        "Resource": "arn:aws:s3:::shop-lake/shop/*",
        "Condition": {
          "StringNotEquals": {
            "s3:x-amz-server-side-encryption": "aws:kms"
          }
        }
      },
      {
        "Sid": "MillraceNoEncryption",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:PutObject",
        "Resource": "arn:aws:s3:::shop-lake/shop/*",
        "Condition": {
          "Null": {
            "s3:x-amz-server-side-encryption": "true"
          }
        }
      }
    ]
  })
}

resource "aws_s3_bucket_object_lock_configuration" "lake" {
  bucket = aws_s3_bucket.lake.id

  rule {
    default_retention {
      mode = "COMPLIANCE"
      days = 30
    }
  }
}

resource "aws_s3_bucket_lifecycle_configuration" "lake" {
  bucket = aws_s3_bucket.lake.id

  rule {
    id = "millrace-tiers-processed"
    status = "Enabled"

    filter {
      and {
        prefix = "shop/processed/"
        object_size_greater_than = 131072
      }
    }

    transition {
      days = 30
      storage_class = "STANDARD_IA"
    }

    transition {
      days = 90
      storage_class = "GLACIER_IR"
    }

    transition {
      days = 365
      storage_class = "DEEP_ARCHIVE"
    }
  }

  rule {
    id = "millrace-keep-processed"
    status = "Enabled"

    filter {
      prefix = "shop/processed/"
    }

    expiration {
      days = 2555
    }
  }

  rule {
    id = "millrace-keep-quarantine"
    status = "Enabled"

    filter {
      prefix = "shop/quarantine/"
    }

    expiration {
      days = 2555
    }
  }

  rule {
    id = "millrace-keep-unloaded"
    status = "Enabled"

    filter {
      prefix = "shop/unloaded/"
    }

    expiration {
      days = 2555
    }
  }

  rule {
    id = "millrace-versions"
    status = "Enabled"

    filter {
      prefix = "shop/"
    }

    expiration {
      expired_object_delete_marker = true
    }

    noncurrent_version_expiration {
      noncurrent_days = 30
    }
  }

  rule {
    id = "millrace-uploads"
    status = "Enabled"

    filter {
      prefix = "shop/"
    }

    abort_incomplete_multipart_upload {
      days_after_initiation = 2
    }
  }
}

resource "aws_s3_bucket_notification" "lake" {
  bucket = aws_s3_bucket.lake.id

  queue {
    id = "millrace-landing"
    queue_arn = "arn:aws:sqs:eu-central-1:111122223333:shop-landing"
    events = ["s3:ObjectCreated:*"]
    filter_prefix = "shop/landing/"
  }
}

variable "uploader_principals" {
  description = "ARNs that may take the role uploader on"
  type = list(string)
}

resource "aws_iam_role" "uploader" {
  name = "millrace-uploader-shop-lake"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { AWS = var.uploader_principals }
    }]
  })
}

resource "aws_iam_role_policy" "uploader" {
  name = "millrace"
  role = aws_iam_role.uploader.id
  policy = jsonencode({
    "Version": "2012-10-17",
    "Statement": [
      {
        "Sid": "MillraceUpload",
        "Effect": "Allow",
        "Action": [
          "s3:PutObject",
          "s3:AbortMultipartUpload",
          "s3:ListMultipartUploadParts"
        ],
        "Resource": "arn:aws:s3:::shop-lake/shop/landing/*"
      },
      {
        "Sid": "MillraceList",
        "Effect": "Allow",
        "Action": "s3:ListBucket",
        "Resource": "arn:aws:s3:::shop-lake",
        "Condition": {
          "StringLike": {
            "s3:prefix": "shop/landing/*"
          }
        }
      },
      {
        "Sid": "MillraceKey",
        "Effect": "Allow",
        "Action": [
          "kms:GenerateDataKey",
          "kms:Decrypt"
        ],
        "Resource": "arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
      }
    ]
  })
}

variable "loader_principals" {
  description = "ARNs that may take the role loader on"
  type = list(string)
}

resource "aws_iam_role" "loader" {
  name = "millrace-loader-shop-lake"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { AWS = var.loader_principals }
    }]
  })
}

resource "aws_iam_role_policy" "loader" {
  name = "millrace"
  role = aws_iam_role.loader.id
  policy = jsonencode({
    "Version": "2012-10-17",
    "Statement": [
      {
        "Sid": "MillraceList",
        "Effect": "Allow",
        "Action": "s3:ListBucket",
        "Resource": "arn:aws:s3:::shop-lake",
        "Condition": {
          "StringLikeIfExists": {
            "s3:prefix": [
              "shop/landing/*",
              "shop/processed/*",
              "shop/quarantine/*",
              "shop/unloaded/*"
            ]
          }
        }
      },
      {
        "Sid": "MillraceBucket",
        "Effect": "Allow",
        "Action": [
          "s3:GetBucketLocation",
          "s3:ListBucketMultipartUploads"
        ],
        "Resource": "arn:aws:s3:::shop-lake"
      },
      {
        "Sid": "MillraceTake",
        "Effect": "Allow",
        "Action": [
          "s3:GetObject",
          "s3:GetObjectVersion",
          "s3:GetObjectTagging",
          "s3:PutObjectTagging",
          "s3:DeleteObject"
        ],
        "Resource": "arn:aws:s3:::shop-lake/shop/landing/*"
      },
      {
        "Sid": "MillraceKeep",
        "Effect": "Allow",
        "Action": [
          "s3:GetObject",
          "s3:GetObjectVersion",
          "s3:GetObjectTagging",
          "s3:PutObject",
          "s3:PutObjectTagging",
          "s3:AbortMultipartUpload",
          "s3:ListMultipartUploadParts",
          "s3:RestoreObject",
          "s3:DeleteObject"
        ],
        "Resource": [
          "arn:aws:s3:::shop-lake/shop/processed/*",
          "arn:aws:s3:::shop-lake/shop/quarantine/*",
          "arn:aws:s3:::shop-lake/shop/unloaded/*"
        ]
      },
      {
        "Sid": "MillraceEvents",
        "Effect": "Allow",
        "Action": [
          "sqs:ReceiveMessage",
          "sqs:DeleteMessage",
          "sqs:GetQueueAttributes"
        ],
        "Resource": "arn:aws:sqs:eu-central-1:111122223333:shop-landing"
      },
      {
        "Sid": "MillraceKey",
        "Effect": "Allow",
        "Action": [
          "kms:GenerateDataKey",
          "kms:Decrypt"
        ],
        "Resource": "arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
      }
    ]
  })
}

variable "auditor_principals" {
  description = "ARNs that may take the role auditor on"
  type = list(string)
}

resource "aws_iam_role" "auditor" {
  name = "millrace-auditor-shop-lake"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { AWS = var.auditor_principals }
    }]
  })
}

resource "aws_iam_role_policy" "auditor" {
  name = "millrace"
  role = aws_iam_role.auditor.id
  policy = jsonencode({
    "Version": "2012-10-17",
    "Statement": [
      {
        "Sid": "MillraceAudit",
        "Effect": "Allow",
        "Action": [
          "s3:GetBucketLocation",
          "s3:GetBucketVersioning",
          "s3:GetBucketPolicy",
          "s3:GetBucketAcl",
          "s3:GetBucketTagging",
          "s3:GetLifecycleConfiguration",
          "s3:GetBucketPublicAccessBlock",
          "s3:GetBucketObjectLockConfiguration",
          "s3:GetBucketNotification",
          "s3:GetEncryptionConfiguration",
          "s3:GetBucketOwnershipControls"
        ],
        "Resource": "arn:aws:s3:::shop-lake"
      }
    ]
  })
}

variable "snowflake_iam_user_arn" {
  description = "STORAGE_AWS_IAM_USER_ARN of DESC INTEGRATION"
  type = string
}

variable "snowflake_external_id" {
  description = "STORAGE_AWS_EXTERNAL_ID of DESC INTEGRATION; set it there, or it changes"
  type = string
}

resource "aws_iam_role" "snowflake" {
  name = "millrace-snowflake-shop-lake"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { AWS = var.snowflake_iam_user_arn }
      Condition = { StringEquals = { "sts:ExternalId" = var.snowflake_external_id } }
    }]
  })
}

resource "aws_iam_role_policy" "snowflake" {
  name = "millrace"
  role = aws_iam_role.snowflake.id
  policy = jsonencode({
    "Version": "2012-10-17",
    "Statement": [
      {
        "Sid": "MillraceStage",
        "Effect": "Allow",
        "Action": [
          "s3:GetObject",
          "s3:GetObjectVersion"
        ],
        "Resource": "arn:aws:s3:::shop-lake/shop/processed/*"
      },
      {
        "Sid": "MillraceList",
        "Effect": "Allow",
        "Action": "s3:ListBucket",
        "Resource": "arn:aws:s3:::shop-lake",
        "Condition": {
          "StringLike": {
            "s3:prefix": "shop/processed/*"
          }
        }
      },
      {
        "Sid": "MillraceBucket",
        "Effect": "Allow",
        "Action": "s3:GetBucketLocation",
        "Resource": "arn:aws:s3:::shop-lake"
      },
      {
        "Sid": "MillraceKey",
        "Effect": "Allow",
        "Action": "kms:Decrypt",
        "Resource": "arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
      }
    ]
  })
}
