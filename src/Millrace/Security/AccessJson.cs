using System.Text.Json.Serialization;

namespace Millrace.Security;

/// <summary>The JSON metadata of events about access.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault)]
[JsonSerializable(typeof(AccessChangeRecord))]
[JsonSerializable(typeof(AccessDeclarationRecord))]
internal sealed partial class AccessJson : JsonSerializerContext;
