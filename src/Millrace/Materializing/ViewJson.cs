using System.Text.Json.Serialization;
using Millrace.Materializing.Immediate;

namespace Millrace.Materializing;

/// <summary>The JSON metadata of the state of views.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ImmediateState))]
[JsonSerializable(typeof(ViewRecord))]
[JsonSerializable(typeof(ViewUse))]
internal sealed partial class ViewJson : JsonSerializerContext;
