using System.Globalization;
using Millrace.Cli.Output;
using Millrace.Storage;

namespace Millrace.Cli.Completion;

/// <summary>Completes names from the store. Returns no names when the store is missing or unreadable.</summary>
internal sealed class StoreCompletions(OpenStore? open)
{
    private const int MaxCompletions = 100;

    public Task<IEnumerable<CompletionCandidate>> Streams(string prefix, CancellationToken cancellationToken) =>
        From(async store =>
        {
            var streams = await new StreamNames(store).List(prefix, null, MaxCompletions, cancellationToken);
            // When the store has many streams, returns their prefixes. A list of ten thousand names is not useful.
            var categories =
                streams.Count < MaxCompletions ? [] : await new StreamNames(store).Categories(cancellationToken);
            var prefixes = categories
                .Select(category => category + "-")
                .Where(category => category.StartsWith(prefix, StringComparison.Ordinal))
                .ToList();
            return prefixes.Count > 1
                ? prefixes.Select(category => new CompletionCandidate(category, "streams"))
                : streams.Select(stream => new CompletionCandidate(
                    stream.Stream.Value, $"version {stream.Version.ToString(CultureInfo.InvariantCulture)}"));
        });

    public Task<IEnumerable<CompletionCandidate>> Types(string prefix, CancellationToken cancellationToken) =>
        From(async store =>
            from type in (await store.Storage.Maintenance.GetInfo(cancellationToken)).Types
            where type.Type.StartsWith(prefix, StringComparison.Ordinal)
            orderby type.Type
            select new CompletionCandidate(type.Type, $"{TextTable.Number(type.Events)} events"));

    public Task<IEnumerable<CompletionCandidate>> Consumers(string prefix, CancellationToken cancellationToken) =>
        From(async store =>
            from name in (await store.Storage.Leases.List(cancellationToken))
                .Select(record => record.Consumer)
                .Distinct()
            where name.StartsWith(prefix, StringComparison.Ordinal)
            select new CompletionCandidate(name, "consumer"));

    public Task<IEnumerable<CompletionCandidate>> ReadModels(string prefix, CancellationToken cancellationToken) =>
        From(async store =>
        {
            var models = (await store.Storage.Documents.ListReadModels(cancellationToken)).Select(model => model.Name);
            var collections = (await store.Storage.Documents.List(cancellationToken)).Select(one =>
                one.Definition.Name);
            return models
                .Concat(collections.Select(name => name.Split('@')[0]))
                .Concat(collections)
                .Distinct()
                .Where(name => name.StartsWith(prefix, StringComparison.Ordinal))
                .Select(name => new CompletionCandidate(name, "read model"));
        });

    public Task<IEnumerable<CompletionCandidate>> DeadLetters(string prefix, CancellationToken cancellationToken) =>
        From(async store =>
            from letter in await store.Storage.DeadLetters.List(
                new DeadLetterQuery { Limit = MaxCompletions }, cancellationToken)
            let id = letter.Id.ToString(CultureInfo.InvariantCulture)
            where id.StartsWith(prefix, StringComparison.Ordinal)
            select new CompletionCandidate(id, $"{letter.State} in {letter.Consumer}: {letter.Message}"));

    public Task<IEnumerable<CompletionCandidate>> Causes(string prefix, CancellationToken cancellationToken) =>
        From(async store =>
            from letters in await store.Storage.DeadLetters.ListGroups(null, MaxCompletions, cancellationToken)
            where letters.Cause.StartsWith(prefix, StringComparison.Ordinal)
            select new CompletionCandidate(letters.Cause, $"{TextTable.Number(letters.DeadLetters)} letters"));

    private async Task<IEnumerable<CompletionCandidate>> From(
        Func<OpenStore, Task<IEnumerable<CompletionCandidate>>> read
    ) => open is null ? [] : (await read(open)).ToList();
}
