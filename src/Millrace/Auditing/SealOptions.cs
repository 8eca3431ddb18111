namespace Millrace;

/// <summary>
/// Options for seals of the log. A seal is a signed root of the Merkle tree over all events, which shows any later
/// change of the log.
/// </summary>
public sealed class SealOptions
{
    /// <summary>
    /// Gets or sets the path of the PEM file with the private key that signs the seals: ECDSA on the curve P-256 in
    /// PKCS #8, <c>BEGIN PRIVATE KEY</c> or <c>BEGIN ENCRYPTED PRIVATE KEY</c>. Required; none by default.
    /// </summary>
    public string? KeyFile { get; set; }

    /// <summary>
    /// Gets or sets the passphrase of an encrypted <see cref="KeyFile"/>. Read it from a secret store or an environment
    /// variable. None by default.
    /// </summary>
    public string? Passphrase { get; set; }

    /// <summary>
    /// Gets or sets the minimum time between two seals; from 100 milliseconds to 1 day, 10 seconds by default. Events
    /// that are appended in this time are not protected yet.
    /// </summary>
    public TimeSpan Interval { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Gets or sets the minimum number of events for a seal; from 1 to 1,000,000, 1 by default. Fewer events wait for
    /// more events, but at most 65,536 positions wait. Seals do not count.
    /// </summary>
    public int MinEvents { get; set; } = 1;

    /// <summary>
    /// Gets or sets the path of the file to which each seal is appended as a line of JSON, the anchor. The file must be
    /// out of reach of users who can change the database. Its folder must exist. If each tenant has its own store, the
    /// path must contain <c>{tenant}</c>. None by default.
    /// </summary>
    public string? AnchorFile { get; set; }

    /// <summary>
    /// Gets or sets the address to which each anchor is sent as a JSON document with HTTP POST. Any status from 200 to
    /// 299 means that the receiver stored the anchor. If each tenant has its own store, it must contain
    /// <c>{tenant}</c>. None by default.
    /// </summary>
    public Uri? AnchorUrl { get; set; }

    /// <summary>
    /// Gets or sets the maximum time for one request to <see cref="AnchorUrl"/>; from 1 second to 5 minutes, 10 seconds
    /// by default.
    /// </summary>
    public TimeSpan AnchorTimeout { get; set; } = TimeSpan.FromSeconds(10);

    internal const string TenantPart = "{tenant}";

    internal bool HasAnchors => AnchorFile is not null || AnchorUrl is not null;

    internal SealOptions Copy() => (SealOptions)MemberwiseClone();

    internal static bool HasTenant(string text) => text.Contains(TenantPart, StringComparison.Ordinal);

    /// <summary>Returns the options with the anchors of a tenant that has its own store.</summary>
    internal SealOptions ForTenant(string tenant)
    {
        var copy = Copy();
        copy.AnchorFile = AnchorFile?.Replace(TenantPart, tenant, StringComparison.Ordinal);
        if (AnchorUrl is { } url)
            copy.AnchorUrl = new Uri(url.OriginalString.Replace(TenantPart, tenant, StringComparison.Ordinal));
        return copy;
    }

    internal IEnumerable<string> Problems()
    {
        if (string.IsNullOrWhiteSpace(KeyFile))
            yield return "KeyFile: must be the path of a PEM file with the private key, but there is none.";
        if (Interval < TimeSpan.FromMilliseconds(100) || Interval > TimeSpan.FromDays(1))
            yield return $"Interval: must be from 100 milliseconds to 1 day, but is {Interval}.";
        if (MinEvents is < 1 or > 1_000_000)
            yield return $"MinEvents: must be from 1 to 1,000,000, but is {MinEvents:N0}.";
        if (AnchorFile is not null && string.IsNullOrWhiteSpace(AnchorFile))
            yield return "AnchorFile: must be the path of a file, but is empty.";
        if (AnchorUrl is { } url && !(url.IsAbsoluteUri && url.Scheme is "http" or "https"))
            yield return $"AnchorUrl: must be an absolute http or https address, but is '{url}'.";
        if (AnchorTimeout < TimeSpan.FromSeconds(1) || AnchorTimeout > TimeSpan.FromMinutes(5))
            yield return $"AnchorTimeout: must be from 1 second to 5 minutes, but is {AnchorTimeout}.";
    }
}
