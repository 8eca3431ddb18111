namespace Millrace;

/// <summary>A document of an inline projection and the stream that it reflects whole.</summary>
internal abstract record InlineState
{
    /// <summary>The stored document's version; 0 when there is none.</summary>
    public required long DocumentVersion { get; init; }

    /// <summary>Whether the stream's events fold to a document.</summary>
    public abstract bool HasDocument { get; }

    /// <summary>The stream as it was when the document reflected it.</summary>
    public required StreamHead Head { get; init; }

    /// <summary>The position of the last event it reflects, as far as it is committed.</summary>
    public required long Position { get; init; }

    /// <summary>Whether the stored document lacks some of that.</summary>
    public bool IsBehind { get; init; }
}

/// <inheritdoc/>
internal sealed record InlineState<TDocument>(TDocument? Document) : InlineState
    where TDocument : class
{
    public override bool HasDocument => Document is not null;
}
