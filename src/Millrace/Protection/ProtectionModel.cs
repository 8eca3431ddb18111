using System.Collections.Frozen;
using Millrace.Events;
using Millrace.Storage;

namespace Millrace.Protection;

/// <summary>The marked members of all event types and documents. Immutable.</summary>
internal sealed class ProtectionModel
{
    /// <summary>The mark of copies that Millrace itself stores, such as the command of a timer.</summary>
    private static readonly Func<string, ProtectedMember> Derived = path => new ProtectedMember(path)
    {
        IsSecret = true,
        Kind = KeyOwner.DerivedKind,
        ErasedJson = "null",
    };

    private static readonly (string Type, string[] Paths)[] PlatformTypes =
    [
        (PlatformEvents.TimerSet, ["/body"]),
        (PlatformEvents.TimerEdited, ["/body"]),
        (PlatformEvents.MessageHeld, ["/data", "/data_base64", "/millraceheaders", "/millraceproblem"]),
    ];

    private static readonly (string Collection, string[] Paths)[] PlatformCollections =
        [("snapshots", ["/state"]), ("timers", ["/body"])];

    private readonly FrozenDictionary<string, MarkNode> _events;
    private readonly FrozenDictionary<string, MarkNode> _readModels;

    public ProtectionModel(
        IReadOnlyDictionary<string, IReadOnlyList<ProtectedMember>> events,
        IReadOnlyDictionary<string, IReadOnlyList<ProtectedMember>> readModels)
    {
        Events = events;
        ReadModels = readModels;
        _events = Trees(events, PlatformTypes);
        _readModels = Trees(readModels, PlatformCollections);
    }

    /// <summary>Gets the marked members of each event type of the application.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<ProtectedMember>> Events { get; }

    /// <summary>Gets the marked members of each read model of the application.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<ProtectedMember>> ReadModels { get; }

    /// <summary>Returns the marked members of an event type; null if there are none.</summary>
    public MarkNode? OfEvent(string type) => _events.GetValueOrDefault(type);

    /// <summary>Returns the marked members of the documents of a collection; null if there are none.</summary>
    /// <param name="collection">The name of the collection, without the prefix of a tenant.</param>
    public MarkNode? OfCollection(string collection) =>
        _readModels.GetValueOrDefault(CollectionName.NameOf(collection));

    private static FrozenDictionary<string, MarkNode> Trees(
        IReadOnlyDictionary<string, IReadOnlyList<ProtectedMember>> declared,
        (string Name, string[] Paths)[] platform) =>
        declared
            .Select(pair => (Name: pair.Key, Node: MarkNode.Of(pair.Value)))
            .Concat(platform.Select(entry => (entry.Name, Node: MarkNode.Of(entry.Paths.Select(Derived)))))
            .ToFrozenDictionary(pair => pair.Name, pair => pair.Node, StringComparer.Ordinal);
}
