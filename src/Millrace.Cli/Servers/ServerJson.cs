using System.Text.Json.Serialization;

namespace Millrace.Cli.Servers;

/// <summary>The JSON metadata of answers of a running application.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(RetentionRun))]
[JsonSerializable(typeof(RetentionRun[]))]
internal sealed partial class ServerJson : JsonSerializerContext;
