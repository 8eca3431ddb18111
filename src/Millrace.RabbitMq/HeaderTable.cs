namespace Millrace.RabbitMq;

/// <summary>The headers of a message, and their approximate size.</summary>
internal sealed class HeaderTable
{
    private const int MaxBytesPerCharacter = 3;

    public Dictionary<string, object?> Values { get; } = new(16, StringComparer.Ordinal);

    /// <summary>Gets an upper bound of the size.</summary>
    public int Bytes { get; private set; }

    public void Add(string name, string value)
    {
        Values[name] = value;
        Bytes += name.Length + (value.Length * MaxBytesPerCharacter);
    }
}
