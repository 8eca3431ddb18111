namespace Millrace;

/// <summary>The place from which a request came.</summary>
/// <param name="Address">The IP address of the client; null if it is unknown.</param>
/// <param name="UserAgent">The name of the client program, as it was sent; null if it is unknown.</param>
public sealed record AuditOrigin(string? Address, string? UserAgent);
