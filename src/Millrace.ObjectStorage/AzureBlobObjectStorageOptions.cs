namespace Millrace.ObjectStorage;

/// <summary>Options for object storage in Azure Blob Storage.</summary>
public sealed class AzureBlobObjectStorageOptions
{
    /// <summary>
    /// Gets or sets the first segments of all names, such as <c>backups/shop</c>; empty by default, for none.
    /// </summary>
    public string Prefix { get; set; } = "";

    /// <summary>
    /// Gets or sets the address of the account, such as <c>https://shop.blob.core.windows.net</c>; none by default. Set
    /// it or <see cref="ConnectionString"/>. Without a key, the Azure SDK finds the credentials in the environment.
    /// </summary>
    public string? Endpoint { get; set; }

    /// <summary>Gets or sets the connection string of the account, with its credentials; none by default.</summary>
    public string? ConnectionString { get; set; }

    /// <summary>Gets or sets the name of the account, for <see cref="AccountKey"/>; none by default.</summary>
    public string? AccountName { get; set; }

    /// <summary>Gets or sets a key of the account, in Base64; none by default.</summary>
    public string? AccountKey { get; set; }

    /// <summary>Gets or sets a shared access signature of the container or account; none by default.</summary>
    public string? SasToken { get; set; }

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

    internal IEnumerable<string> Problems(string container)
    {
        if (container is null or { Length: < 3 or > 63 } || container.Contains('/', StringComparison.Ordinal))
            yield return $"'{container}' is not the name of a container.";
        foreach (var problem in ObjectKeys.Problems(Prefix))
            yield return problem;
        if (string.IsNullOrEmpty(Endpoint) == string.IsNullOrEmpty(ConnectionString))
            yield return "Endpoint and ConnectionString: set one of them.";
        if (Endpoint is { Length: > 0 } && !ServerAddress.IsValid(Endpoint))
            yield return ServerAddress.Problem;
        if (string.IsNullOrEmpty(AccountName) != string.IsNullOrEmpty(AccountKey))
            yield return "AccountName and AccountKey: set both, or neither.";
        if (ConnectionString is { Length: > 0 } && (AccountKey ?? SasToken) is { Length: > 0 })
            yield return "ConnectionString: contains the credentials, so do not set AccountKey and SasToken.";
        if (AccountKey is { Length: > 0 } && SasToken is { Length: > 0 })
            yield return "AccountKey and SasToken: set at most one of them.";
        foreach (var problem in Limits.Problems())
            yield return problem;
    }
}
