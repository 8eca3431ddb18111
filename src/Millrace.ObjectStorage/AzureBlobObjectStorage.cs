using System.Runtime.CompilerServices;
using Azure;
using Azure.Storage;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Millrace.Storage.Objects;

namespace Millrace.ObjectStorage;

/// <summary>Stores objects as blobs of a container of Azure Blob Storage.</summary>
/// <remarks>The account must not have a hierarchical namespace, which lists blobs in another order.</remarks>
public sealed class AzureBlobObjectStorage : IObjectStorage
{
    // A whole object is uploaded in one request, so that it replaces the previous one atomically.
    private static readonly StorageTransferOptions OneRequest = new()
    {
        InitialTransferSize = ObjectName.MaxObjectBytes,
        MaximumTransferSize = ObjectName.MaxObjectBytes,
        MaximumConcurrency = 1,
    };

    private readonly ObjectKeys _keys;
    private readonly int _pageSize;
    private readonly ObjectCalls _calls;
    private readonly BlobContainerClient _container;

    /// <summary>Creates the storage. The server is used later.</summary>
    /// <param name="container">The container, which must exist.</param>
    /// <param name="configure">Sets the options.</param>
    /// <param name="time">The clock of timeouts and retries; null for that of the system.</param>
    /// <exception cref="ArgumentException">The options are not valid.</exception>
    public AzureBlobObjectStorage(
        string container, Action<AzureBlobObjectStorageOptions> configure, TimeProvider? time = null)
    {
        ArgumentNullException.ThrowIfNull(configure);
        var options = new AzureBlobObjectStorageOptions();
        configure(options);
        var problems = options.Problems(container).ToList();
        if (problems.Count > 0)
            throw new ArgumentException("Azure Blob Storage: " + string.Join(" ", problems), nameof(configure));
        (_keys, _pageSize) = (new ObjectKeys(options.Prefix), options.PageSize);
        _container = AzureBlobClient.Create(container, options);
        // The address without its query, which contains a shared access signature.
        Description = $"the container '{container}'{(options.Prefix.Length == 0 ? "" : $" under '{options.Prefix}'")}"
            + $" at {_container.Uri.GetLeftPart(UriPartial.Authority)} ({_container.AccountName})";
        _calls = new ObjectCalls(Description, options.Limits, time ?? TimeProvider.System, AzureBlobFailure.Of);
    }

    /// <inheritdoc/>
    public string Description { get; }

    /// <inheritdoc/>
    public async ValueTask Put(string name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        var blob = _container.GetBlobClient(_keys.KeyOf(name));
        ObjectName.CheckSize(name, content.Length);
        var upload = new BlobUploadOptions
        {
            TransferOptions = OneRequest,
            TransferValidation = new() { ChecksumAlgorithm = StorageChecksumAlgorithm.MD5 },
        };
        await _calls.Run(
            $"'{name}' was not written",
            async attemptToken => await blob.UploadAsync(ContentReader.Open(content), upload, attemptToken)
                .ConfigureAwait(false),
            cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public ValueTask<ReadOnlyMemory<byte>?> Get(string name, CancellationToken cancellationToken)
    {
        var blob = _container.GetBlobClient(_keys.KeyOf(name));
        return _calls.Run(
            $"'{name}' was not read",
            async attemptToken =>
            {
                try
                {
                    var answer = await blob.DownloadStreamingAsync(new BlobDownloadOptions(), attemptToken)
                        .ConfigureAwait(false);
                    using var content = answer.Value;
                    return await ContentReader
                        .Read(content.Content, content.Details.ContentLength, name, Description, attemptToken)
                        .ConfigureAwait(false);
                }
                catch (RequestFailedException exception) when (AzureBlobFailure.IsMissingObject(exception))
                {
                    return null;
                }
            },
            cancellationToken);
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<StoredObject> List(
        string prefix, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var selection = new GetBlobsOptions { Prefix = _keys.KeyPrefixOf(prefix) };
        var (last, next) = ("", (string?)null);
        do
        {
            var page = await _calls.Run(
                "The objects were not listed", attemptToken => Page(selection, next, attemptToken), cancellationToken)
                .ConfigureAwait(false);
            var keys = page.Values.Select(blob => (blob.Name, blob.Properties.ContentLength ?? 0)).ToList();
            foreach (var found in _keys.Objects(keys, last, Description))
                yield return found;
            last = keys.Count == 0 ? last : keys[^1].Name;
            next = page.ContinuationToken;
        }
        while (!string.IsNullOrEmpty(next));
    }

    /// <inheritdoc/>
    public async ValueTask Delete(string name, CancellationToken cancellationToken)
    {
        var blob = _container.GetBlobClient(_keys.KeyOf(name));
        await _calls.Run(
            $"'{name}' was not removed",
            async attemptToken =>
            {
                try
                {
                    await blob.DeleteAsync(
                        DeleteSnapshotsOption.IncludeSnapshots, cancellationToken: attemptToken).ConfigureAwait(false);
                }
                catch (RequestFailedException exception) when (AzureBlobFailure.IsMissingObject(exception))
                {
                    // There is no such object.
                }
                return true;
            },
            cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask<Page<BlobItem>> Page(
        GetBlobsOptions selection, string? continuation, CancellationToken cancellationToken)
    {
        var pages = _container.GetBlobsAsync(selection, cancellationToken).AsPages(continuation, _pageSize)
            .GetAsyncEnumerator(cancellationToken);
        await using var _ = pages.ConfigureAwait(false);
        return await pages.MoveNextAsync().ConfigureAwait(false)
            ? pages.Current
            : throw new EndOfStreamException("The server sent no page of its list.");
    }
}
