using System.Collections.Frozen;
using Millrace.Events;

namespace Millrace.Messaging;

/// <summary>The destinations of each type of event. Immutable.</summary>
internal sealed class RouteTable
{
    private readonly FrozenDictionary<string, string[]> _byType;
    private readonly string[] _forAll;

    public RouteTable(string transport, IReadOnlyList<PublishRoute> routes, EventTypeMap types)
    {
        var forAll = new List<string>();
        var byType = new Dictionary<string, List<string>>(StringComparer.Ordinal);
        foreach (var route in routes)
        {
            if (route.ClrType is null && route.Names.Count == 0)
                Add(forAll, route.Destination);
            foreach (var name in NamesOf(transport, route, types))
            {
                if (!byType.TryGetValue(name, out var destinations))
                    byType[name] = destinations = [];
                Add(destinations, route.Destination);
            }
        }
        foreach (var (type, destinations) in byType)
        {
            if (!PlatformEvents.IsReserved(type)) // PublishAll publishes only events of the application.
                forAll.ForEach(destination => Add(destinations, destination));
        }
        _forAll = [.. forAll];
        _byType = byType.ToFrozenDictionary(pair => pair.Key, pair => pair.Value.ToArray(), StringComparer.Ordinal);
        Destinations = [.. routes.Select(route => route.Destination).Distinct(StringComparer.Ordinal)];
        Filter =
            _forAll.Length > 0 ? EventFilter.All : EventFilter.OfTypes([.. _byType.Keys.Order(StringComparer.Ordinal)]);
    }

    /// <summary>Gets all destinations, without duplicates.</summary>
    public IReadOnlyList<string> Destinations { get; }

    /// <summary>Gets the filter of all events that are published.</summary>
    public EventFilter Filter { get; }

    /// <summary>
    /// Returns the destinations of an event. Events of Millrace itself have no destination unless a route names them.
    /// </summary>
    public ReadOnlySpan<string> DestinationsOf(string type) =>
        _byType.TryGetValue(type, out var destinations) ? destinations
        : PlatformEvents.IsReserved(type) ? [] : _forAll;

    /// <summary>Returns the stored names of the events for a destination; <c>*</c> for all.</summary>
    public IReadOnlyList<string> TypesTo(string destination) => _forAll.Contains(destination, StringComparer.Ordinal)
        ? ["*"]
        :
        [
            .. _byType.Where(pair => pair.Value.Contains(destination, StringComparer.Ordinal)).Select(pair => pair.Key)
                .Order(StringComparer.Ordinal),
        ];

    private static IEnumerable<string> NamesOf(string transport, PublishRoute route, EventTypeMap types)
    {
        if (route.ClrType is { } clrType)
            return types.StoredNamesOf(clrType);
        foreach (var name in route.Names)
        {
            if (!types.KnowsName(name) && !PlatformEvents.Contains(name))
            {
                throw new InvalidOperationException(
                    $"Transport '{transport}' publishes '{name}' to '{route.Destination}', but no event has that "
                        + "stored name. Correct the route in the code or under "
                        + $"Millrace:Messaging:{transport}:Publish, or add the event's model."
                );
            }
        }
        return route.Names.Count == 0 ? [] : types.WithSources(EventFilter.OfTypes([.. route.Names])).Types;
    }

    private static void Add(List<string> destinations, string destination)
    {
        if (!destinations.Contains(destination, StringComparer.Ordinal))
            destinations.Add(destination);
    }
}
