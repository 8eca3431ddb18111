namespace Millrace.Projecting;

/// <summary>A document of an inline projection, and the stream whose events it contains.</summary>
internal abstract record InlineState
{
    /// <summary>Gets the version of the stored document, or 0 if it does not exist.</summary>
    public required long DocumentVersion { get; init; }

    /// <summary>Gets whether the stream's events fold into a document.</summary>
    public abstract bool HasDocument { get; }

    /// <summary>Gets the head of the stream whose events the document contains.</summary>
    public required StreamHead Head { get; init; }

    /// <summary>Gets the position of the last committed event in the document.</summary>
    public required long Position { get; init; }

    /// <summary>Gets the number of the store when the document was read; see StoredContents.Round.</summary>
    public required long ValuesRound { get; init; }

    /// <summary>Gets whether the stored document lacks events.</summary>
    public bool IsBehind { get; init; }
}

/// <inheritdoc/>
internal sealed record InlineState<TDocument>(TDocument? Document) : InlineState
    where TDocument : class
{
    public override bool HasDocument => Document is not null;
}
