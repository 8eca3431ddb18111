namespace Millrace;

/// <summary>Thrown when an operation on all shards took effect in some shards and failed in another one.</summary>
public sealed class ShardsPartlyChangedException(
    string operation, IReadOnlyList<string> changed, string failed, Exception innerException)
    : MillraceException(
        $"{operation} took effect in the shards {string.Join(", ", changed)}, and failed in '{failed}': "
            + $"{innerException.Message} Shards after '{failed}' were not changed. Continue with the services of the "
            + "single shards (Shards).",
        innerException)
{
    /// <summary>Gets the operation.</summary>
    public string Operation { get; } = operation;

    /// <summary>Gets the names of the shards in which the operation took effect.</summary>
    public IReadOnlyList<string> Changed { get; } = changed;

    /// <summary>Gets the name of the shard in which it failed.</summary>
    public string Failed { get; } = failed;
}
