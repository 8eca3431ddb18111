namespace Millrace.Model.Description;

/// <summary>Finds the writers and readers of each event.</summary>
internal sealed class EventFlow(
    IReadOnlyList<AggregateDescription> aggregates,
    IReadOnlyList<CommandDescription> commands,
    IReadOnlyList<ReadModelDescription> readModels,
    IReadOnlyList<ConsumerDescription> consumers,
    IReadOnlyList<ProcessDescription> processes,
    IEnumerable<(string Location, IReadOnlyList<string> Events)> appendsInCode)
{
    private readonly List<(string Location, IReadOnlyList<string> Events)> _appendsInCode = [.. appendsInCode];

    public IReadOnlyList<EventWriter> WritersOf(string name) =>
        [
            .. aggregates
                .Where(aggregate => aggregate.Writes.Contains(name))
                .Select(aggregate => new EventWriter(
                    EventPartKind.Aggregate, aggregate.Name, CommandsThrough(aggregate.Name, name))),
            .. commands
                .Where(command => command.Appends.Contains(name))
                .Select(command => new EventWriter(EventPartKind.Command, command.Name, [command.Name])),
            .. _appendsInCode
                .Where(place => place.Events.Contains(name))
                .Select(place => place.Location)
                .Distinct()
                .Order(StringComparer.Ordinal)
                .Select(location => new EventWriter(EventPartKind.Code, location, [])),
        ];

    public IReadOnlyList<EventReader> ReadersOf(string name) =>
        [
            .. aggregates
                .Where(aggregate => aggregate.Reads.Contains(name))
                .Select(found => new EventReader(EventPartKind.Aggregate, found.Name)),
            .. readModels
                .Where(model => model.Events.Contains(name))
                .Select(found => new EventReader(EventPartKind.ReadModel, found.Name)),
            .. consumers
                .Where(consumer =>
                    consumer.Events.Contains(name) || (consumer.ReceivesAllEvents && consumer.Events.Count == 0))
                .Select(found => new EventReader(EventPartKind.Consumer, found.Name)),
            .. processes
                .Where(process => process.Events.Contains(name))
                .Select(found => found.Name)
                .Distinct(StringComparer.Ordinal)
                .Select(found => new EventReader(EventPartKind.Process, found)),
        ];

    private List<string> CommandsThrough(string aggregate, string name) =>
        [
            .. commands
                .Where(command =>
                    command.Targets.Any(target => target.Aggregate == aggregate && target.Events.Contains(name)))
                .Select(command => command.Name),
        ];
}
