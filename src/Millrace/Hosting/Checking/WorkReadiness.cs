using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Millrace.Messaging;

namespace Millrace.Hosting.Checking;

/// <summary>Answers the questions about consumers, read models, processes and brokers.</summary>
internal sealed class WorkReadiness(IServiceProvider services, MillraceBuilder builder) : IReadinessCheck
{
    public async ValueTask<IReadOnlyList<ReadinessItem>> Check(CancellationToken cancellationToken)
    {
        var consumers = await services.GetRequiredService<Consumers>().List(cancellationToken).ConfigureAwait(false);
        var transports = services.GetService<Transports>()?.List() ?? [];
        return
        [
            Messaging(),
            await Failures(consumers, cancellationToken).ConfigureAwait(false),
            await ReadModels(cancellationToken).ConfigureAwait(false),
            Brokers(transports),
        ];
    }

    private static bool IsDown(ConsumerStatus consumer) =>
        consumer.State is ConsumerState.Stalled or ConsumerState.Faulted or ConsumerState.Paused;

    private static ReadinessItem Brokers(IReadOnlyList<TransportStatus> transports)
    {
        if (transports.Count == 0)
            return ReadinessQuestion.Brokers.NotUsed("The application uses no broker.");
        var problems = transports
            .Where(static one => one.State == TransportState.Unavailable)
            .Select(static one => $"{one.Name} is unavailable: {one.Problem}")
            .Concat(
                from transport in transports
                from receiver in transport.Receivers
                where receiver.Stopped is not null
                select $"The receiver {receiver.Receiver} has stopped at a message that it cannot read.")
            .Concat(
                from transport in transports
                from retry in transport.Retries
                where retry.Stall is not null
                select $"A receiver of {transport.Name} waits for its retries.")
            .ToList();
        return ReadinessQuestion.Brokers.Of(
            problems, $"{string.Join(", ", transports.Select(static one => $"{one.Name}: {one.State}"))}.");
    }

    private ReadinessItem Messaging()
    {
        if (!builder.HasTransports)
            return ReadinessQuestion.Messaging.NotUsed("The application uses no broker.");
        var idle = builder.Transports
            .Where(static one => !one.Transport.HasContent)
            .Select(static one => $"{one.Transport.Name} publishes and receives nothing.")
            .ToList();
        return ReadinessQuestion.Messaging.Of(idle, "Each broker publishes or receives.");
    }

    private async Task<ReadinessItem> Failures(
        IReadOnlyList<ConsumerStatus> consumers, CancellationToken cancellationToken)
    {
        var problems = consumers
            .Where(IsDown)
            .Select(static one => $"The consumer {one.Name} is {one.State}.")
            .ToList();
        var letters = consumers.Sum(static one => one.OpenDeadLetters);
        if (letters > 0)
            problems.Add($"Open dead letters: {letters}.");
        var processes = services.GetRequiredService<Processes>();
        foreach (var name in await processes.ListNames(cancellationToken).ConfigureAwait(false))
        {
            var held = await processes.Count(name, ProcessState.Held, cancellationToken).ConfigureAwait(false);
            if (held > 0)
                problems.Add($"The process {name} holds {held} instances.");
        }
        return ReadinessQuestion.Failures.Of(
            problems, $"{ModelReadiness.Counted(consumers.Count, "consumer")} without problems and dead letters.");
    }

    private async Task<ReadinessItem> ReadModels(CancellationToken cancellationToken)
    {
        var all = await services.GetRequiredService<Projections>().List(cancellationToken).ConfigureAwait(false);
        if (all.Count == 0)
            return ReadinessQuestion.ReadModels.NotUsed("The application has no read models with a consumer.");
        var maxLag = services.GetRequiredService<IOptions<ReadinessOptions>>().Value.MaxLag;
        var problems = all
            .Where(one => IsDown(one.Consumer) || one.Consumer.LagTime > maxLag)
            .Select(static one => IsDown(one.Consumer)
                ? $"{one.Collection} is {one.Consumer.State}."
                : $"{one.Collection} is {one.Consumer.LagTime.TotalSeconds:0} s late.")
            .ToList();
        return ReadinessQuestion.ReadModels.Of(
            problems, $"{ModelReadiness.Counted(all.Count, "read model")} at most {maxLag.TotalSeconds:0} s late.");
    }
}
