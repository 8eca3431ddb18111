using Millrace.ObjectStorage;
using Millrace.Storage.Objects;

namespace Millrace.Cli;

/// <summary>
/// Opens places in object storage: <c>s3://bucket/prefix</c> and <c>azblob://container/prefix</c>. Credentials are read
/// from the environment variables of the vendors, and are never arguments.
/// </summary>
internal static class ObjectStorageAddress
{
    private const string S3 = "s3://";
    private const string Azure = "azblob://";

    /// <summary>Returns true if the text has the form of an address.</summary>
    public static bool IsAddress(string text) => text.Contains("://", StringComparison.Ordinal);

    /// <summary>Opens the place.</summary>
    /// <exception cref="CliException">The address, or a variable, is not valid.</exception>
    public static IObjectStorage Open(string address)
    {
        try
        {
            if (address.StartsWith(S3, StringComparison.Ordinal))
                return OpenS3(Parts(address[S3.Length..]));
            if (address.StartsWith(Azure, StringComparison.Ordinal))
                return OpenAzure(Parts(address[Azure.Length..]));
        }
        catch (ArgumentException exception)
        {
            throw new CliException(
                ExitCode.Usage,
                exception.Message.Split(" (Parameter", 2)[0],
                "For S3, set AWS_REGION or AWS_ENDPOINT_URL, AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY. For Azure, "
                    + "set AZURE_STORAGE_CONNECTION_STRING, or AZURE_STORAGE_ACCOUNT and AZURE_STORAGE_KEY.");
        }
        throw new CliException(
            ExitCode.Usage,
            $"'{address}' is not a place of backups.",
            "Use a directory, s3://bucket/prefix or azblob://container/prefix.");
    }

    private static (string Container, string Prefix) Parts(string text) =>
        text.TrimEnd('/').Split('/', 2) is [var container, var prefix] ? (container, prefix) : (text.TrimEnd('/'), "");

    private static S3ObjectStorage OpenS3((string Bucket, string Prefix) place) => new(place.Bucket, options =>
    {
        // The AWS SDK reads the region and the credentials.
        options.Prefix = place.Prefix;
        options.Endpoint = Variable("AWS_ENDPOINT_URL_S3") ?? Variable("AWS_ENDPOINT_URL");
    });

    private static AzureBlobObjectStorage OpenAzure((string Container, string Prefix) place) =>
        new(place.Container, options =>
        {
            options.Prefix = place.Prefix;
            options.ConnectionString = Variable("AZURE_STORAGE_CONNECTION_STRING");
            if (options.ConnectionString is not null || Variable("AZURE_STORAGE_ACCOUNT") is not { } account)
                return;
            options.Endpoint = $"https://{account}.blob.core.windows.net";
            options.AccountKey = Variable("AZURE_STORAGE_KEY");
            options.AccountName = options.AccountKey is null ? null : account;
            options.SasToken = options.AccountKey is null ? Variable("AZURE_STORAGE_SAS_TOKEN") : null;
        });

    private static string? Variable(string name) =>
        Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;
}
