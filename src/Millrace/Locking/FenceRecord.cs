namespace Millrace.Locking;

/// <summary>The stored form of a fence, which contains the greatest token of a protected resource.</summary>
internal sealed record FenceRecord
{
    public long Token { get; init; }
}
