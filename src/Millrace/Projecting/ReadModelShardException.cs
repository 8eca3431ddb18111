namespace Millrace;

/// <summary>
/// Thrown when a read model cannot be read from several shards, because each shard may have a part of a document, and
/// the parts cannot be combined.
/// </summary>
public sealed class ReadModelShardException(string readModel, Type document, string problem)
    : MillraceException(
        $"The read model '{readModel}' cannot be read from several shards: {problem} Implement "
        + $"ICombinable<{document.Name}> in {document.Name}; or, if the key of each document is the key of a stream, "
        + "set the category of these streams in [Projection(…, Stream = …)].")
{
    /// <summary>Gets the name of the read model.</summary>
    public string ReadModel { get; } = readModel;

    /// <summary>Gets the type of the documents.</summary>
    public Type DocumentType { get; } = document;

    /// <summary>Gets the problem.</summary>
    public string Problem { get; } = problem;
}
