using Millrace.Benchmarks.Data;

namespace Millrace.Benchmarks.Messaging;

/// <summary>The command of a process step. Its handler appends a line to the stream of the instance.</summary>
internal sealed record Haul(string Id) : ICommand
{
    public static CommandDefinition<Haul, Nothing> Definition { get; } = new("haul", Handle);

    private static ValueTask<Nothing> Handle(Haul command, CommandContext context, CancellationToken cancellationToken)
    {
        context.Append(
            new StreamId($"haul-{command.Id}"),
            ExpectedVersion.Any,
            SampleLines.Instance.Line(0) with
            {
                Currency = "EUR",
            }
        );
        return new(default(Nothing));
    }
}

/// <summary>The event that starts an instance.</summary>
internal sealed record HaulAsked(string Id)
{
    public const string EventType = "haul.asked";
}

/// <summary>A process of ten sequential steps.</summary>
internal sealed class Hauling : Process<string>
{
    public const string Name = "hauling";
    public const int Steps = 10;

    protected override void Define(ProcessBuilder<string> process)
    {
        process.StartOn<HaulAsked>(request => request.Id);
        for (var i = 0; i < Steps; i++)
            process.Step($"haul-{i}", id => new Haul(id));
    }
}
