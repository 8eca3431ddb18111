namespace Millrace;

/// <summary>A lock as it lies in the store. It stays when nobody holds it, so that its tokens never begin
/// anew.</summary>
internal sealed record LockRecord
{
    /// <summary>The token of who holds it, or held it last.</summary>
    public long Token { get; init; }

    /// <summary>Who holds it; null when it was given back.</summary>
    public string? Owner { get; init; }

    /// <summary>Until when, by the storage's clock.</summary>
    public DateTimeOffset Until { get; init; }
}
