using System.Collections.Concurrent;
using Amazon.Runtime;
using Amazon.S3;
using Azure.Storage.Blobs;
using Millrace.Storage.Objects;

namespace Millrace.ObjectStorage.Tests;

/// <summary>Swift and Azurite with a bucket and a container. If one is not installed, the tests are skipped.</summary>
public sealed class ObjectServers : IAsyncLifetime
{
    /// <summary>The name of the bucket and the container.</summary>
    public const string Place = "backups";

    private readonly ConcurrentBag<IDisposable> _opened = [];
    private SwiftServer? _swift;
    private AzuriteServer? _azurite;

    public static TheoryData<ObjectServer> All => new(ObjectServer.S3, ObjectServer.Azure);

    public AzuriteServer Azurite => _azurite ?? throw new InvalidOperationException($"This {AzuritePrograms.Missing}.");

    private SwiftServer Swift => _swift ?? throw new InvalidOperationException($"This {SwiftPrograms.Missing}.");

    public async Task InitializeAsync()
    {
        if (SwiftPrograms.Python is not null)
            await StartSwift();
        if (AzuritePrograms.IsAvailable)
            await StartAzurite();
    }

    public async Task DisposeAsync()
    {
        foreach (var storage in _opened)
            storage.Dispose();
        if (_swift is not null)
            await _swift.DisposeAsync();
        if (_azurite is not null)
            await _azurite.DisposeAsync();
    }

    /// <summary>Gets the address of a server.</summary>
    public Uri AddressOf(ObjectServer server) => new(server == ObjectServer.S3 ? Swift.Address : Azurite.Address);

    /// <summary>Opens storage on a server.</summary>
    public IObjectStorage Open(ObjectServer server, StorageSettings? settings = null)
    {
        var chosen = settings ?? new StorageSettings();
        var address = AddressOf(server);
        if (chosen.Port is { } port)
            address = new UriBuilder(address) { Port = port }.Uri;
        if (server == ObjectServer.Azure)
            return OpenAzure(address, chosen);
        var storage = OpenS3(address, chosen);
        _opened.Add(storage);
        return storage;
    }

    private static S3ObjectStorage OpenS3(Uri address, StorageSettings settings) => new(settings.Place, options =>
    {
        options.Endpoint = address.ToString().TrimEnd('/');
        options.AccessKeyId = SwiftServer.AccessKeyId;
        options.SecretAccessKey = settings.HasWrongSecret ? "wrong" : SwiftServer.SecretAccessKey;
        options.Prefix = settings.Prefix;
        (options.Timeout, options.AttemptTimeout) = (settings.Timeout, settings.AttemptTimeout);
        (options.MaxRetries, options.PageSize) = (settings.MaxRetries, settings.PageSize);
    });

    private static AzureBlobObjectStorage OpenAzure(Uri at, StorageSettings settings) => new(settings.Place, options =>
    {
        options.Endpoint = at.ToString();
        options.AccountName = AzuriteServer.AccountName;
        options.AccountKey = settings.HasWrongSecret ? "d3Jvbmc=" : AzuriteServer.AccountKey;
        options.Prefix = settings.Prefix;
        (options.Timeout, options.AttemptTimeout) = (settings.Timeout, settings.AttemptTimeout);
        (options.MaxRetries, options.PageSize) = (settings.MaxRetries, settings.PageSize);
    });

    private async Task StartSwift()
    {
        _swift = await SwiftServer.Start();
        using var client = new AmazonS3Client(
            new BasicAWSCredentials(SwiftServer.AccessKeyId, SwiftServer.SecretAccessKey),
            new AmazonS3Config
            {
                ServiceURL = _swift.Address,
                AuthenticationRegion = "us-east-1",
                ForcePathStyle = true,
                RequestChecksumCalculation = RequestChecksumCalculation.WHEN_REQUIRED,
            });
        await client.PutBucketAsync(Place);
    }

    private async Task StartAzurite()
    {
        _azurite = await AzuriteServer.Start();
        await new BlobContainerClient(_azurite.ConnectionString, Place).CreateAsync();
    }
}
