namespace Millrace.ObjectStorage.Tests;

/// <summary>The settings of storage in a test.</summary>
public sealed record StorageSettings
{
    /// <summary>Gets the port of a proxy; null for the server itself.</summary>
    public int? Port { get; init; }

    /// <summary>Gets the bucket or the container.</summary>
    public string Place { get; init; } = ObjectServers.Place;

    /// <summary>Gets the first segments of all names.</summary>
    public string Prefix { get; init; } = "";

    /// <summary>Gets whether the credentials are wrong.</summary>
    public bool HasWrongSecret { get; init; }

    /// <summary>Gets the maximum time of an operation.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Gets the maximum time of an attempt.</summary>
    public TimeSpan AttemptTimeout { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Gets the maximum number of retries.</summary>
    public int MaxRetries { get; init; } = 5;

    /// <summary>Gets the number of objects in one answer.</summary>
    public int PageSize { get; init; } = 1_000;
}
