using Azure;
using Azure.Identity;
using Azure.Storage;
using Azure.Storage.Blobs;

namespace Millrace.ObjectStorage;

/// <summary>Creates clients of Azure Blob Storage from the options.</summary>
internal static class AzureBlobClient
{
    public static BlobContainerClient Create(string name, AzureBlobObjectStorageOptions options)
    {
        var settings = new BlobClientOptions();
        settings.Retry.MaxRetries = 0;
        settings.Retry.NetworkTimeout = options.Limits.ClientTimeout;
        try
        {
            if (options.ConnectionString is { Length: > 0 } connection)
                return new BlobContainerClient(connection, name, settings);
            var container = new Uri($"{options.Endpoint!.TrimEnd('/')}/{name}"); // Checked by the options.
            return options switch
            {
                { AccountKey: { Length: > 0 } key } => new BlobContainerClient(
                    container, new StorageSharedKeyCredential(options.AccountName, key), settings),
                { SasToken: { Length: > 0 } token } => new BlobContainerClient(
                    container, new AzureSasCredential(token.TrimStart('?')), settings),
                _ => new BlobContainerClient(container, new DefaultAzureCredential(), settings),
            };
        }
        catch (FormatException exception)
        {
            // The message of the exception may contain a part of the secret.
            throw new ArgumentException(
                "Azure Blob Storage: the connection string or the account key is malformed.",
                nameof(options),
                exception);
        }
    }
}
