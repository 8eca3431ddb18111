namespace Millrace;

/// <summary>The greatest token that something protected has seen, as it lies in the store.</summary>
internal sealed record FenceRecord
{
    public long Token { get; init; }
}
