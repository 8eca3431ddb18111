using System.Text.Json;
using System.Text.Json.Serialization;

namespace Millrace;

/// <summary>JSON metadata for what surrounds a snapshot's state.</summary>
[JsonSerializable(typeof(JsonElement))]
internal sealed partial class SnapshotJson : JsonSerializerContext;
