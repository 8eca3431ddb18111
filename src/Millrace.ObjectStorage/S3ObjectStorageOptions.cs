namespace Millrace.ObjectStorage;

/// <summary>Options for object storage with the interface of S3.</summary>
public sealed class S3ObjectStorageOptions
{
    private const int MaxBucketLength = 255;

    /// <summary>
    /// Gets or sets the first segments of all keys, such as <c>backups/shop</c>; empty by default, for none.
    /// </summary>
    public string Prefix { get; set; } = "";

    /// <summary>
    /// Gets or sets the address of a server with the interface of S3, such as <c>https://minio.example:9000</c>; none
    /// by default, for Amazon S3.
    /// </summary>
    public string? Endpoint { get; set; }

    /// <summary>
    /// Gets or sets the region; none by default: <c>us-east-1</c> with <see cref="Endpoint"/>, otherwise that of the
    /// environment, such as <c>AWS_REGION</c>.
    /// </summary>
    public string? Region { get; set; }

    /// <summary>
    /// Gets or sets whether the bucket is a part of the path instead of the host name; null by default: true with
    /// <see cref="Endpoint"/>.
    /// </summary>
    public bool? UsePathStyle { get; set; }

    /// <summary>
    /// Gets or sets the id of the access key; none by default: the AWS SDK finds the credentials in the environment.
    /// </summary>
    public string? AccessKeyId { get; set; }

    /// <summary>Gets or sets the secret of <see cref="AccessKeyId"/>; none by default.</summary>
    public string? SecretAccessKey { get; set; }

    /// <summary>Gets or sets the session token of temporary credentials; none by default.</summary>
    public string? SessionToken { get; set; }

    /// <summary>
    /// Gets or sets the maximum time of an operation, and for each thousand objects of a list; from
    /// <see cref="AttemptTimeout"/> to 1 hour, 3 minutes by default.
    /// </summary>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromMinutes(3);

    /// <summary>
    /// Gets or sets the maximum time of one attempt; from 100 milliseconds to 1 hour, 1 minute by default.
    /// </summary>
    public TimeSpan AttemptTimeout { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>
    /// Gets or sets the maximum number of retries, with pauses from 0.2 to 5 seconds; from 0 to 20, 5 by default.
    /// </summary>
    public int MaxRetries { get; set; } = 5;

    /// <summary>Gets or sets the number of objects that the server lists in one answer.</summary>
    internal int PageSize { get; set; } = 1_000;

    internal CallLimits Limits => new(Timeout, AttemptTimeout, MaxRetries);

    internal string PlaceOf(string bucket) => $"the bucket '{bucket}'{(Prefix.Length == 0 ? "" : $" under '{Prefix}'")}"
        + (Endpoint is { Length: > 0 } ? $" at {Endpoint}" : " of Amazon S3");

    internal IEnumerable<string> Problems(string bucket)
    {
        if (bucket is null or { Length: 0 or > MaxBucketLength } || bucket.Contains('/', StringComparison.Ordinal))
            yield return $"'{bucket}' is not the name of a bucket.";
        foreach (var problem in ObjectKeys.Problems(Prefix))
            yield return problem;
        if (Endpoint is { Length: > 0 } && !ServerAddress.IsValid(Endpoint))
            yield return ServerAddress.Problem;
        if (string.IsNullOrEmpty(AccessKeyId) != string.IsNullOrEmpty(SecretAccessKey))
            yield return "AccessKeyId and SecretAccessKey: set both, or neither.";
        if (!string.IsNullOrEmpty(SessionToken) && string.IsNullOrEmpty(AccessKeyId))
            yield return "SessionToken: needs AccessKeyId and SecretAccessKey.";
        foreach (var problem in Limits.Problems())
            yield return problem;
    }
}
