using Amazon;
using Amazon.Runtime;
using Amazon.S3;

namespace Millrace.ObjectStorage;

/// <summary>Creates clients of S3 from the options.</summary>
internal static class S3Client
{
    private const string DefaultRegion = "us-east-1";

    public static AmazonS3Client Create(S3ObjectStorageOptions options)
    {
        var config = new AmazonS3Config
        {
            MaxErrorRetry = 0,
            Timeout = options.Limits.ClientTimeout,
            ForcePathStyle = options.UsePathStyle ?? options.Endpoint is { Length: > 0 },
        };
        if (options.Endpoint is { Length: > 0 })
        {
            config.ServiceURL = options.Endpoint;
            config.AuthenticationRegion = options.Region ?? DefaultRegion;
            // Other servers refuse the checksums that Amazon S3 calculates in addition.
            config.RequestChecksumCalculation = RequestChecksumCalculation.WHEN_REQUIRED;
            config.ResponseChecksumValidation = ResponseChecksumValidation.WHEN_REQUIRED;
        }
        else if (options.Region is { Length: > 0 })
        {
            config.RegionEndpoint = RegionEndpoint.GetBySystemName(options.Region);
        }
        try
        {
            return CredentialsOf(options) is { } credentials
                ? new AmazonS3Client(credentials, config)
                : new AmazonS3Client(config);
        }
        catch (AmazonClientException exception)
        {
            throw new ArgumentException($"S3: {exception.Message} Set Region or Endpoint.", nameof(options), exception);
        }
    }

    /// <summary>Returns the credentials of the options; null for those of the environment.</summary>
    private static AWSCredentials? CredentialsOf(S3ObjectStorageOptions options) => options switch
    {
        { AccessKeyId: not { Length: > 0 } } => null,
        { SessionToken: { Length: > 0 } token } =>
            new SessionAWSCredentials(options.AccessKeyId, options.SecretAccessKey, token),
        _ => new BasicAWSCredentials(options.AccessKeyId, options.SecretAccessKey),
    };
}
