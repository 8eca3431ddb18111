namespace Millrace;

/// <summary>Thrown when an operation needs the log of one store, and the streams are in several shards.</summary>
public sealed class NotAcrossShardsException(string operation, string alternative)
    : MillraceException($"{operation}: the streams of this application are in several shards. {alternative}")
{
    /// <summary>Gets the operation that is not available.</summary>
    public string Operation { get; } = operation;

    /// <summary>Gets what to do instead.</summary>
    public string Alternative { get; } = alternative;
}
