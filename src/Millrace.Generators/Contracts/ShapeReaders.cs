using Millrace.Generators.Models;

namespace Millrace.Generators.Contracts;

/// <summary>
/// Determines which stored shapes a model reads. A shape is read by a record, or by a method that takes JSON. Both also
/// read shapes with a former name of the event.
/// </summary>
internal sealed class ShapeReaders
{
    private readonly HashSet<(string Name, int Version)> _known;
    private readonly Dictionary<string, string> _former;

    public ShapeReaders(ModelParts parts)
    {
        _known = [.. parts.Events.Select(found => (found.Name, found.Version))];
        _known.UnionWith(parts.Upcasts.Select(upcast => (upcast.From.Name, upcast.From.Version)));
        _former = parts.Events.SelectMany(found => found.Formerly.Select(name => (Former: name, found.Name)))
            .GroupBy(pair => pair.Former, StringComparer.Ordinal)
            .ToDictionary(group => group.Key, group => group.First().Name, StringComparer.Ordinal);
    }

    public bool CanRead(string name, int version) =>
        _known.Contains((name, version))
        || (_former.TryGetValue(name, out var currentName) && _known.Contains((currentName, version)));
}
