using System.Text;

namespace Millrace.Testing.Specifications;

/// <summary>A given event in its stored form, with a name, a schema version and a payload.</summary>
internal sealed record SerializedEvent(string Type, int SchemaVersion, string Payload)
{
    public ReadOnlyMemory<byte> Bytes => Encoding.UTF8.GetBytes(Payload);
}
