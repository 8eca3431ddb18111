namespace Millrace.RabbitMq;

/// <summary>The headers of a message, and about how many bytes they are.</summary>
internal sealed class HeaderTable
{
    private const int MaxBytesPerCharacter = 3;

    public Dictionary<string, object?> Values { get; } = new(16, StringComparer.Ordinal);

    /// <summary>No more than this.</summary>
    public int Bytes { get; private set; }

    public void Add(string name, string value)
    {
        Values[name] = value;
        Bytes += name.Length + (value.Length * MaxBytesPerCharacter);
    }
}
