using System.Text.Json;

namespace Millrace.Etcd;

/// <summary>Reads and writes an instance in etcd: JSON with the same members as in the Consul registry.</summary>
internal static class InstanceSerializer
{
    public static byte[] Write(ServiceInstance instance)
    {
        using var bytes = new MemoryStream();
        using (var writer = new Utf8JsonWriter(bytes))
        {
            writer.WriteStartObject();
            writer.WriteString("id", instance.Id);
            writer.WriteString("name", instance.Name);
            writer.WriteString("address", instance.Address);
            writer.WriteNumber("port", instance.Port);
            writer.WriteStartArray("tags");
            foreach (var tag in instance.Tags)
                writer.WriteStringValue(tag);
            writer.WriteEndArray();
            writer.WriteString("health", instance.Health == ServiceHealth.Passing ? "passing" : "critical");
            writer.WriteString("lastCheck", instance.LastCheck);
            writer.WriteEndObject();
        }
        return bytes.ToArray();
    }

    /// <summary>Reads an instance; returns null for a value that another program wrote.</summary>
    public static ServiceInstance? TryRead(ReadOnlyMemory<byte> value)
    {
        try
        {
            using var json = JsonDocument.Parse(value);
            var instance = Read(json.RootElement);
            instance.Check();
            return instance;
        }
        catch (Exception exception)
            when (exception
                    is JsonException
                        or InvalidOperationException
                        or KeyNotFoundException
                        or FormatException
                        or MillraceException
                        or ArgumentException)
        {
            return null;
        }
    }

    private static ServiceInstance Read(JsonElement value) => new(
        Text(value, "id"), Text(value, "name"), Text(value, "address"), value.GetProperty("port").GetInt32())
    {
        Tags = [.. value.GetProperty("tags").EnumerateArray().Select(static tag => tag.GetString() ?? "")],
        Health = value.GetProperty("health").GetString() == "passing" ? ServiceHealth.Passing : ServiceHealth.Critical,
        LastCheck = value.GetProperty("lastCheck").GetDateTimeOffset(),
    };

    private static string Text(JsonElement value, string name) => value.GetProperty(name).GetString() ?? "";
}
