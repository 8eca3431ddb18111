namespace Millrace.Generators;

/// <summary>The names, as in metadata, of what the generator looks for.</summary>
internal static class Known
{
    public const string Model = "Millrace.ModelAttribute";
    public const string Id = "Millrace.IdAttribute`1";
    public const string Value = "Millrace.ValueAttribute`1";
    public const string Event = "Millrace.EventAttribute";
    public const string Upcast = "Millrace.UpcastAttribute";
    public const string JsonObject = "System.Text.Json.Nodes.JsonObject";
    public const string Tag = "Millrace.TagAttribute";
    public const string Stream = "Millrace.StreamAttribute";
    public const string Snapshot = "Millrace.SnapshotAttribute";
    public const string Snapshotable = "Millrace.ISnapshotable`1";
    public const string Aggregate = "Millrace.Aggregate`1";
    public const string AnyAggregate = "Millrace.Aggregate";
    public const string DoesNotReturnIf = "System.Diagnostics.CodeAnalysis.DoesNotReturnIfAttribute";
    public const string Refused = "Millrace.InvariantViolatedException";
    public const string ReadModel = "Millrace.IReadModel`2";
    public const string New = "Millrace.NewAttribute";
    public const string OrNew = "Millrace.OrNewAttribute";
    public const string From = "Millrace.FromAttribute";
    public const string MessageName = "Millrace.MessageNameAttribute";
    public const string Command = "Millrace.ICommand`1";
    public const string Query = "Millrace.IQuery`1";
    public const string TransportBuilder = "Millrace.Messaging.TransportBuilder";
    public const string CommandDefinition = "Millrace.CommandDefinition`2";
    public const string QueryDefinition = "Millrace.QueryDefinition`2";
    public const string IModel = "Millrace.IModel";
    public const string Nothing = "Millrace.Nothing";
    public const string CommandContext = "Millrace.CommandContext";
    public const string QueryContext = "Millrace.QueryContext";
    public const string ValidationProblems = "Millrace.ValidationProblems";
    public const string Projection = "Millrace.ProjectionAttribute";
    public const string ProjectionBase = "Millrace.Projection`2";
    public const string Process = "Millrace.ProcessAttribute";
    public const string ProcessBase = "Millrace.Process`1";
    public const string Indexed = "Millrace.IndexedAttribute";
    public const string RecordedEvent = "Millrace.RecordedEvent";
    public const string Decider = "Millrace.DeciderAttribute";
    public const string TimeProvider = "System.TimeProvider";
    public const string CancellationToken = "System.Threading.CancellationToken";
    public const string Task = "System.Threading.Tasks.Task";
    public const string TaskOf = "System.Threading.Tasks.Task`1";
    public const string ValueTask = "System.Threading.Tasks.ValueTask";
    public const string ValueTaskOf = "System.Threading.Tasks.ValueTask`1";
    public const string JsonConverter = "System.Text.Json.Serialization.JsonConverterAttribute";
    public const string JsonConstructor = "System.Text.Json.Serialization.JsonConstructorAttribute";
    public const string JsonPropertyName = "System.Text.Json.Serialization.JsonPropertyNameAttribute";
    public const string JsonEnumName = "System.Text.Json.Serialization.JsonStringEnumMemberNameAttribute";
    public const string SetsRequiredMembers = "System.Diagnostics.CodeAnalysis.SetsRequiredMembersAttribute";
    public const string JsonExtensionData = "System.Text.Json.Serialization.JsonExtensionDataAttribute";
    public const string JsonElement = "System.Text.Json.JsonElement";
    public const string JsonIgnore = "System.Text.Json.Serialization.JsonIgnoreAttribute";
    public const string JsonInclude = "System.Text.Json.Serialization.JsonIncludeAttribute";
}
