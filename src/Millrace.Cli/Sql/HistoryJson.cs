using System.Text.Json.Serialization;

namespace Millrace.Cli.Sql;

/// <summary>The JSON metadata of the history of statements.</summary>
[JsonSerializable(typeof(string))]
internal sealed partial class HistoryJson : JsonSerializerContext;
