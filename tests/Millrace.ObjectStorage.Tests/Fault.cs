namespace Millrace.ObjectStorage.Tests;

/// <summary>A fault of one request.</summary>
/// <param name="Status">The status of the answer; 0 for none.</param>
/// <param name="Code">The error code.</param>
/// <param name="Body">The body; null for that of the error.</param>
/// <param name="IsTruncated">True to pass the request on, and to cut its answer in the middle.</param>
internal sealed record Fault(int Status, string Code = "", string? Body = null, bool IsTruncated = false)
{
    public static Fault SlowDown { get; } = new(503, "SlowDown");

    public static Fault Late { get; } = new(0);

    public static Fault Truncated { get; } = new(200, IsTruncated: true);
}
