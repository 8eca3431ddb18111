using System.Runtime.CompilerServices;
using Amazon.S3;
using Amazon.S3.Model;
using Millrace.Storage.Objects;

namespace Millrace.ObjectStorage;

/// <summary>Stores objects in a bucket of Amazon S3, or of another server with its interface.</summary>
/// <remarks>
/// The server must replace objects atomically and list keys in ordinal order, as Amazon S3 does in general purpose
/// buckets.
/// </remarks>
public sealed class S3ObjectStorage : IObjectStorage, IDisposable
{
    private readonly string _bucket;
    private readonly int _pageSize;
    private readonly ObjectKeys _keys;
    private readonly ObjectCalls _calls;
    private readonly AmazonS3Client _client;

    /// <summary>Creates the storage. The server is used later.</summary>
    /// <param name="bucket">The bucket, which must exist.</param>
    /// <param name="configure">Sets the options; null for Amazon S3 with the region and credentials of the
    /// environment.</param>
    /// <param name="time">The clock of timeouts and retries; null for that of the system.</param>
    /// <exception cref="ArgumentException">The options are not valid.</exception>
    public S3ObjectStorage(
        string bucket, Action<S3ObjectStorageOptions>? configure = null, TimeProvider? time = null)
    {
        var options = new S3ObjectStorageOptions();
        configure?.Invoke(options);
        var problems = options.Problems(bucket).ToList();
        if (problems.Count > 0)
            throw new ArgumentException("S3: " + string.Join(" ", problems), nameof(configure));
        (_bucket, _pageSize, _keys) = (bucket, options.PageSize, new ObjectKeys(options.Prefix));
        Description = options.PlaceOf(bucket);
        _calls = new ObjectCalls(
            Description,
            options.Limits,
            time ?? TimeProvider.System,
            exception => S3Failure.Of(exception, options.Region));
        _client = S3Client.Create(options);
    }

    /// <inheritdoc/>
    public string Description { get; }

    /// <inheritdoc/>
    public async ValueTask Put(string name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        var key = _keys.KeyOf(name);
        ObjectName.CheckSize(name, content.Length);
        await _calls.Run(
            $"'{name}' was not written",
            async attemptToken =>
            {
                var request = new PutObjectRequest
                {
                    BucketName = _bucket,
                    Key = key,
                    InputStream = ContentReader.Open(content),
                    UseChunkEncoding = false, // The signature contains the hash of the content.
                };
                return await _client.PutObjectAsync(request, attemptToken).ConfigureAwait(false);
            },
            cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public ValueTask<ReadOnlyMemory<byte>?> Get(string name, CancellationToken cancellationToken)
    {
        var request = new GetObjectRequest { BucketName = _bucket, Key = _keys.KeyOf(name) };
        return _calls.Run(
            $"'{name}' was not read",
            async attemptToken =>
            {
                try
                {
                    using var answer = await _client.GetObjectAsync(request, attemptToken).ConfigureAwait(false);
                    return await ContentReader
                        .Read(answer.ResponseStream, answer.ContentLength, name, Description, attemptToken)
                        .ConfigureAwait(false);
                }
                catch (AmazonS3Exception exception) when (S3Failure.IsMissingObject(exception))
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
        var keyPrefix = _keys.KeyPrefixOf(prefix);
        var (last, next) = ("", (string?)null);
        do
        {
            var request = new ListObjectsV2Request
            {
                BucketName = _bucket,
                Prefix = keyPrefix,
                ContinuationToken = next,
                MaxKeys = _pageSize,
            };
            var page = await _calls.Run(
                "The objects were not listed",
                async attemptToken => await _client.ListObjectsV2Async(request, attemptToken).ConfigureAwait(false),
                cancellationToken).ConfigureAwait(false);
            var keys = (page.S3Objects ?? []).Select(found => (found.Key, found.Size ?? 0)).ToList();
            foreach (var found in _keys.Objects(keys, last, Description))
                yield return found;
            last = keys.Count == 0 ? last : keys[^1].Key;
            next = page.IsTruncated == true ? page.NextContinuationToken : null;
        }
        while (next is not null);
    }

    /// <inheritdoc/>
    public async ValueTask Delete(string name, CancellationToken cancellationToken)
    {
        var request = new DeleteObjectRequest { BucketName = _bucket, Key = _keys.KeyOf(name) };
        await _calls.Run(
            $"'{name}' was not removed",
            async attemptToken =>
            {
                try
                {
                    await _client.DeleteObjectAsync(request, attemptToken).ConfigureAwait(false);
                }
                catch (AmazonS3Exception exception) when (S3Failure.IsMissingObject(exception))
                {
                    // Some servers report this, unlike Amazon S3.
                }
                return true;
            },
            cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Closes the connections.</summary>
    public void Dispose() => _client.Dispose();
}
