using Microsoft.CodeAnalysis;

namespace Millrace.Generators;

/// <summary>What each diagnostic says: the mistake, and the cure. Each has a page under
/// <c>docs/reference/diagnostics</c>.</summary>
internal static class Diagnostics
{
    public static readonly DiagnosticDescriptor NotPartial = Error(
        DiagnosticIds.NotPartial,
        "Make the type partial",
        "'{0}' and all enclosing types must be partial, so that its {1} can be generated: add 'partial', or write {1} "
            + "by hand"
    );

    public static readonly DiagnosticDescriptor ValueShape = Error(
        DiagnosticIds.ValueShape,
        "An id or value must be a readonly partial record struct",
        "[{0}] requires a 'readonly partial record struct' without fields, properties or type parameters: declare "
            + "'public readonly partial record struct {1}'");

    public static readonly DiagnosticDescriptor IdType = Error(
        DiagnosticIds.IdType,
        "An id must be a Guid, string, int or long",
        "'{0}' cannot be an id of type '{1}': use [Id<Guid>], [Id<string>], [Id<int>] or [Id<long>]");

    public static readonly DiagnosticDescriptor ValueType = Error(
        DiagnosticIds.ValueType,
        "A value must wrap a string, number, date or Guid",
        "'{0}' cannot be a value of type '{1}': use a string, a number, a date, a time or a Guid, or write a record "
            + "with a validating constructor");

    public static readonly DiagnosticDescriptor ValueProblem = Error(
        DiagnosticIds.ValueProblem,
        "A value must define a rule",
        "'{0}' has no rule: add 'private static string? Problem({1} value)' that returns the problem of an invalid "
            + "value, or null"
    );

    public static readonly DiagnosticDescriptor EventName = Error(
        DiagnosticIds.EventName,
        "The stored name of an event is not allowed",
        "The event name '{0}' is not allowed: {1}");

    public static readonly DiagnosticDescriptor EventTwice = Error(
        DiagnosticIds.EventTwice,
        "Two events have the same stored name and version",
        "'{0}' and '{1}' are both stored as '{2}' version {3}: change the name or version of one of them");

    public static readonly DiagnosticDescriptor EventShape = Error(
        DiagnosticIds.EventShape,
        "An event must be a type that can be created",
        "'{0}' cannot be an event: make it a record that is not abstract, generic, private or file-local");

    public static readonly DiagnosticDescriptor TagMember = Error(
        DiagnosticIds.TagMember,
        "A tag must be a string, number, date, id, value or enumeration",
        "The member '{0}' of '{1}' cannot be a tag: mark a string, number, date, id, value or enumeration, or a "
            + "collection of these, and use a tag name without a colon");

    public static readonly DiagnosticDescriptor EventVersion = Error(
        DiagnosticIds.EventVersion,
        "The version of an event starts at 1",
        "The version of '{0}' is less than 1: versions of an event start at 1");

    public static readonly DiagnosticDescriptor JsonUnsupported = Error(
        DiagnosticIds.JsonUnsupported,
        "A member cannot be written as JSON",
        "'{0}' is a '{1}', which cannot be written as JSON: {2}");

    public static readonly DiagnosticDescriptor JsonConstructor = Error(
        DiagnosticIds.JsonConstructor,
        "A type has no constructor that JSON can use",
        "'{0}' cannot be read from JSON, because no constructor takes only its members: make it a positional record, "
            + "or add a constructor whose parameters have the names and types of its properties");

    public static readonly DiagnosticDescriptor JsonTwice = Error(
        DiagnosticIds.JsonTwice,
        "Two members have the same name in JSON",
        "Two members of '{0}' are named '{1}' in JSON: rename one, or add a [JsonPropertyName]");

    public static readonly DiagnosticDescriptor JsonValueTwice = Error(
        DiagnosticIds.JsonValueTwice,
        "Two values of an enumeration have the same text in JSON",
        "Two values of '{0}' are written as '{1}' in JSON, so one of them would be read as the other: rename one, or "
            + "add a [JsonStringEnumMemberName]");

    public static readonly DiagnosticDescriptor UnserializedMemberCheck = Warning(
        DiagnosticIds.UnserializedMemberCheck,
        "A member has data that is not stored",
        "'{0}' of '{1}' has data that is neither written nor read, so it would be lost: make it a public property with "
            + "a setter or a constructor parameter, mark it [JsonInclude] if the setter must stay private, or use "
            + "[JsonIgnore]");

    public static readonly DiagnosticDescriptor StreamShape = Error(
        DiagnosticIds.StreamShape,
        "[Stream] is for aggregates",
        "'{0}' is marked [Stream] but is not an aggregate: derive it from Aggregate<TId>");

    public static readonly DiagnosticDescriptor WhenNoEvent = Error(
        DiagnosticIds.WhenNoEvent,
        "When takes an event",
        "'{0}' is not an event, so '{1}' would never receive it: mark the record with [Event(\"...\")], or remove this "
            + "When"
    );

    public static readonly DiagnosticDescriptor StreamCategory = Error(
        DiagnosticIds.StreamCategory,
        "The category of a stream is not allowed",
        "The category '{0}' is not allowed: use lower case without white space and without '-', which separates "
            + "category and key"
    );

    public static readonly DiagnosticDescriptor WhenShape = Error(
        DiagnosticIds.WhenShape,
        "When takes one event and returns nothing",
        "A When of '{0}' must be written 'private void When(TheEvent e)'");

    public static readonly DiagnosticDescriptor CategoryTwice = Error(
        DiagnosticIds.CategoryTwice,
        "Two aggregates have the same category",
        "'{0}' and '{1}' both use the category '{2}': change the category of one of them");

    public static readonly DiagnosticDescriptor NoConstructor = Error(
        DiagnosticIds.NoConstructor,
        "A type requires a constructor without parameters",
        "'{0}' cannot be created: make it a class that is not abstract or generic, with a public or internal "
            + "constructor without parameters, and without required members");

    public static readonly DiagnosticDescriptor SnapshotShape = Error(
        DiagnosticIds.SnapshotShape,
        "[Snapshot] requires ISnapshotable",
        "'{0}' is marked [Snapshot] but does not define its snapshot: implement ISnapshotable<TState>");

    public static readonly DiagnosticDescriptor StreamId = Error(
        DiagnosticIds.StreamId,
        "The id of an aggregate has a text form",
        "'{0}' cannot be the id of '{1}', because it has no text form that identifies its values: use a Guid, a string "
            + "or a number, a type with [Id<Guid>], [Id<string>], [Id<int>] or [Id<long>], or your own type that "
            + "implements IKeyText"
    );

    public static readonly DiagnosticDescriptor HandlerResult = Error(
        DiagnosticIds.HandlerResult,
        "A handler returns the result of its command or query",
        "'{0}' declares the result '{1}', but its handler returns '{2}': change one of them. Task and ValueTask of the "
            + "result are also allowed, and a plain ICommand has no result");

    public static readonly DiagnosticDescriptor HandlerTwice = Error(
        DiagnosticIds.HandlerTwice,
        "A command or query has one handler",
        "'{0}' has another handler in '{1}': remove one");

    public static readonly DiagnosticDescriptor UnknownAggregate = Error(
        DiagnosticIds.UnknownAggregate,
        "A handler's aggregate is not an aggregate",
        "'{0}' is not an aggregate with streams: derive it from Aggregate<TId> and mark it [Stream(\"category\")]");

    public static readonly DiagnosticDescriptor NoIdMember = Error(
        DiagnosticIds.NoIdMember,
        "A command does not identify its aggregate",
        "'{0}' has no member of type '{1}' that identifies the '{2}' of the handler: add one");

    public static readonly DiagnosticDescriptor ManyIdMembers = Error(
        DiagnosticIds.ManyIdMembers,
        "A command has several ids of an aggregate",
        "'{0}' has several members of type '{1}', so the one of this '{2}' is ambiguous: mark the parameter with "
            + "[From(nameof(...))] of {3}"
    );

    public static readonly DiagnosticDescriptor FromMember = Error(
        DiagnosticIds.FromMember,
        "[From] refers to no matching member",
        "'{0}' has no member '{1}' of type '{2}': use one of: {3}");

    public static readonly DiagnosticDescriptor QueryAggregate = Error(
        DiagnosticIds.QueryAggregate,
        "A query does not load aggregates",
        "The handler of a query cannot take the aggregate '{0}': read from a read model, such as IReadModel<TKey, "
            + "TDocument>"
    );

    public static readonly DiagnosticDescriptor WrongContext = Error(
        DiagnosticIds.WrongContext,
        "A handler takes the context of its kind",
        "'{0}' is not the context of this handler: use a {1}");

    public static readonly DiagnosticDescriptor HandlerNoMessage = Error(
        DiagnosticIds.HandlerNoMessage,
        "A handler's first parameter is its command",
        "'{0}' is neither a command nor a query: implement ICommand, ICommand<TResult> or IQuery<TResult>");

    public static readonly DiagnosticDescriptor HandlerHidden = Error(
        DiagnosticIds.HandlerHidden,
        "A handler must be reachable",
        "The handler of '{0}', its class or the message is private: make it internal or public");

    public static readonly DiagnosticDescriptor ValidateShape = Error(
        DiagnosticIds.ValidateShape,
        "Validate takes the command and the problems",
        "Validate of '{0}' must be written 'public static void Validate({0} command, ValidationProblems problems)'");

    public static readonly DiagnosticDescriptor MessageNameTwice = Error(
        DiagnosticIds.MessageNameTwice,
        "Two commands or queries have the same name",
        "'{0}' and '{1}' are both named '{2}': add a [MessageName] to one of them");

    public static readonly DiagnosticDescriptor ParameterByReference = Error(
        DiagnosticIds.ParameterByReference,
        "A handler's parameter is passed by value",
        "The parameter '{0}' of the handler is passed by reference: remove ref, in or out");

    public static readonly DiagnosticDescriptor HandlerAsyncVoid = Error(
        DiagnosticIds.HandlerAsyncVoid,
        "A handler is not async void",
        "The 'async void' handler of '{0}' cannot be awaited, so the work after its first await can be lost: return "
            + "'async Task'"
    );

    public static readonly DiagnosticDescriptor HandlerForgets = Warning(
        DiagnosticIds.HandlerForgets,
        "A handler awaits the tasks that it starts",
        "The handler of '{0}' starts '{1}' without awaiting it, so its work and its errors can be lost: make the "
            + "handler 'async Task' and await it, or return it");

    public static readonly DiagnosticDescriptor ProjectionShape = Error(
        DiagnosticIds.ProjectionShape,
        "[Projection] is for projections",
        "'{0}' is marked [Projection] but is not a projection: derive it from Projection<TKey, TDocument>");

    public static readonly DiagnosticDescriptor ApplyWithoutKey = Error(
        DiagnosticIds.ApplyWithoutKey,
        "An Apply without its Key",
        "'{0}' has an Apply but no Key, which selects the document: {1}");

    public static readonly DiagnosticDescriptor KeyWithoutApply = Error(
        DiagnosticIds.KeyWithoutApply,
        "A Key without its Apply",
        "'{0}' has a Key but no Apply, which changes the document: {1}");

    public static readonly DiagnosticDescriptor ProjectionMethod = Error(
        DiagnosticIds.ProjectionMethod,
        "Key or Apply has the wrong signature",
        "'{0}' of '{1}' must be 'Key(TheEvent e)' that returns '{2}', '{2}?' or several as IEnumerable<{2}>, or '{3}? "
            + "Apply({3}? document, TheEvent e)', optionally with the key first and a RecordedEvent last");

    public static readonly DiagnosticDescriptor ApplyNoEvent = Error(
        DiagnosticIds.ApplyNoEvent,
        "Key and Apply take an event",
        "'{0}' takes '{1}', which is not an event: mark the record with [Event(\"...\")]");

    public static readonly DiagnosticDescriptor IndexedMember = Error(
        DiagnosticIds.IndexedMember,
        "An indexed member must be a string, number, date, id, value or enumeration",
        "The member '{0}' of '{1}' cannot be indexed: mark a string, number, date, id, value or enumeration");

    public static readonly DiagnosticDescriptor ProjectionTwice = Error(
        DiagnosticIds.ProjectionTwice,
        "Two projections have the same name and version",
        "'{0}' and '{1}' are both '{2}' version {3}: change the name or version of one of them");

    public static readonly DiagnosticDescriptor ProjectionName = Error(
        DiagnosticIds.ProjectionName,
        "The name of a projection is not allowed",
        "The projection name '{0}' is not allowed: use lower case letters, digits and dashes");

    public static readonly DiagnosticDescriptor ProjectionKey = Error(
        DiagnosticIds.ProjectionKey,
        "The key of a projection has a text form",
        "'{0}' cannot be the key of '{1}', because it has no text form that identifies its values: use a string, a "
            + "number, a date or a Guid, a type with [Id<Guid>] or [Value<string>], or your own type that implements "
            + "IKeyText");

    public static readonly DiagnosticDescriptor ProjectionCategory = Error(
        DiagnosticIds.ProjectionCategory,
        "An inline or live projection specifies the category of its streams",
        "'{0}' writes a document for each stream, and streams of two categories may have the same key: specify the "
            + "category that it folds, as in [Projection(\"{1}\", Lifecycle = ProjectionLifecycle.{2}, Stream = "
            + "\"order\")]");

    public static readonly DiagnosticDescriptor ModelTwice = Error(
        DiagnosticIds.ModelTwice,
        "An assembly has one model",
        "'{0}' is another [Model] in this assembly: keep one, which contains all parts of the assembly");

    public static readonly DiagnosticDescriptor ModelShape = Error(
        DiagnosticIds.ModelShape,
        "A model is a partial class",
        "'{0}' cannot be the model: declare 'public sealed partial class {0}', not static, generic or abstract");

    public static readonly DiagnosticDescriptor ModelUnmarked = Error(
        DiagnosticIds.ModelUnmarked,
        "A model is marked",
        "'{0}' is not a model: mark it with [Model] and make it partial, so that it contains all parts of this assembly"
    );

    public static readonly DiagnosticDescriptor DeciderShape = Error(
        DiagnosticIds.DeciderShape,
        "A decider is a static class with an initial state",
        "'{0}' cannot be a decider: make it a static class, not generic, with a static 'Initial' that is the initial "
            + "state"
    );

    public static readonly DiagnosticDescriptor EvolveShape = Error(
        DiagnosticIds.EvolveShape,
        "Evolve takes the state and an event",
        "An Evolve of '{0}' must be written 'static {1} Evolve({1} state, TheEvent e)', with an event marked "
            + "[Event(\"...\")]"
    );

    public static readonly DiagnosticDescriptor DecideShape = Error(
        DiagnosticIds.DecideShape,
        "Decide takes a command and the state, and returns events",
        "A Decide of '{0}' must be written 'static IEnumerable<object> Decide(TheCommand command, {1} state)', with a "
            + "plain ICommand; it may return a single event, and take services");

    public static readonly DiagnosticDescriptor CategoryShared = Error(
        DiagnosticIds.CategoryShared,
        "A category of streams has one owner",
        "'{0}' and '{1}' both use the category '{2}', so each would read the other's events: change the category of "
            + "one of them"
    );

    public static readonly DiagnosticDescriptor Unmarked = Error(
        DiagnosticIds.Unmarked,
        "An aggregate or projection is marked",
        "'{0}' is not part of the model, and no code is generated for it: mark it with [{1}(\"{2}\")] and make it "
            + "partial"
    );

    public static readonly DiagnosticDescriptor UpcastMissing = Error(
        DiagnosticIds.UpcastMissing,
        "An old version of an event has no upcaster to the newest",
        "'{0}' is stored as '{1}' version {2}, but no upcaster returns a '{3}' for it: add '[Upcast] public static {3} "
            + "From({0} old)'"
    );

    public static readonly DiagnosticDescriptor VersionMissing = Warning(
        DiagnosticIds.VersionMissing,
        "Older versions of an event are not read",
        "'{0}' is at version {1}, but nothing reads version {2}: keep the record of each version with an [Upcast], or "
            + "read it as JSON with [Upcast(\"{0}\", version)]");

    public static readonly DiagnosticDescriptor UpcastTwice = Error(
        DiagnosticIds.UpcastTwice,
        "Two upcasters start from one version",
        "{0} already has the upcaster '{1}': remove one of the methods");

    public static readonly DiagnosticDescriptor UpcastBack = Error(
        DiagnosticIds.UpcastBack,
        "Upcasters form a cycle",
        "'{0}' leads back to {1} or to an older version: an upcaster must lead to a newer version");

    public static readonly DiagnosticDescriptor UpcastShape = Error(
        DiagnosticIds.UpcastShape,
        "An upcaster takes one old event and returns a newer one",
        "'{0}' cannot be an upcaster: {1}");

    public static readonly DiagnosticDescriptor UpcastNowhere = Error(
        DiagnosticIds.UpcastNowhere,
        "The result of an upcaster is not used",
        "'{0}' returns '{1}' version {2}, which is neither an event type nor the source of another upcaster: set To, "
            + "or add the missing upcaster"
    );

    public static readonly DiagnosticDescriptor OldShapeHandled = Error(
        DiagnosticIds.OldShapeHandled,
        "An old shape is never passed to handlers",
        "The {0} of '{1}' for '{2}' is never called, because an upcaster converts it to '{3}': handle that type "
            + "instead");

    public static readonly DiagnosticDescriptor FormerName = Error(
        DiagnosticIds.FormerName,
        "A former name belongs to one event",
        "'{0}' cannot be a former name of '{1}': {2}");

    public static readonly DiagnosticDescriptor ReadableBy = Error(
        DiagnosticIds.ReadableBy,
        "ReadableBy names an older version",
        "'{0}' states that readers of version {1} can read it, but its version is {2}: use an older version, from 1");

    public static readonly DiagnosticDescriptor ExtraMember = Error(
        DiagnosticIds.ExtraMember,
        "Unknown members are kept in one dictionary",
        "'{0}' of '{1}' cannot store unknown members: use one settable member of type IReadOnlyDictionary<string, "
            + "JsonElement>"
    );

    public static readonly DiagnosticDescriptor ContractBroken = Error(
        DiagnosticIds.ContractBroken,
        "A stored version can no longer be read",
        "'{0}' cannot read all stored events '{1}' version {2}: {3}. Keep the old shape in a record of version {2}, "
            + "make this version {4}, and add '[Upcast] public static {0} From(...)'. If no store contains such an "
            + "event: 'millrace schema forget {1}'"
    );

    public static readonly DiagnosticDescriptor ContractIncomplete = Warning(
        DiagnosticIds.ContractIncomplete,
        "The contract does not contain a version",
        "'{0}' is not in events.contract.json with its current shape, '{1}' version {2}: build, then accept it with "
            + "'millrace schema accept'"
    );

    public static readonly DiagnosticDescriptor ContractRemoved = Error(
        DiagnosticIds.ContractRemoved,
        "Nothing reads a stored version any more",
        "'{0}' version {1} is in events.contract.json, but nothing reads it any more. If no store contains such an "
            + "event: 'millrace schema forget {0}'. Otherwise restore its record, list its name in Formerly of its "
            + "successor, or read it as JSON with [Upcast(\"{0}\", {1})]");

    public static readonly DiagnosticDescriptor ContractUnreadable = Error(
        DiagnosticIds.ContractUnreadable,
        "The contract cannot be read",
        "events.contract.json cannot be read: {0}");

    public static readonly DiagnosticDescriptor ContractForward = Error(
        DiagnosticIds.ContractForward,
        "Older programs could not read a new version",
        "Programs that read {0} could not read '{1}': {2}");

    private static DiagnosticDescriptor Error(string id, string title, string message) =>
        Descriptor(id, title, message, DiagnosticSeverity.Error);

    private static DiagnosticDescriptor Warning(string id, string title, string message) =>
        Descriptor(id, title, message, DiagnosticSeverity.Warning);

    private static DiagnosticDescriptor Descriptor(
        string id, string title, string message, DiagnosticSeverity severity) =>
        new(
            id,
            title,
            message,
            "Millrace",
            severity,
            isEnabledByDefault: true,
            helpLinkUri: $"docs/reference/diagnostics/{id}.md");
}
