using Millrace.Storage;

namespace Millrace.Conformance.Tests.Faults;

internal sealed class LetsTheLastChangeOfAReadModelWin(IStorage sound) : FaultyDocuments(sound)
{
    public override async ValueTask<bool> PutReadModel(ReadModelRecord record, string? reached, CancellationToken cancellationToken)
    {
        var stands = (await base.ListReadModels(cancellationToken)).FirstOrDefault(one => one.Name == record.Name);
        return await base.PutReadModel(record with { Revision = stands?.Revision ?? 0 }, reached, cancellationToken);
    }
}

internal sealed class SwitchesToWhatIsBehind(IStorage sound) : FaultyDocuments(sound)
{
    public override ValueTask<bool> PutReadModel(ReadModelRecord record, string? reached, CancellationToken cancellationToken) =>
        base.PutReadModel(record, null, cancellationToken);
}

internal sealed class ForgetsWhatIsKept(IStorage sound) : FaultyDocuments(sound)
{
    public override ValueTask<bool> PutReadModel(ReadModelRecord record, string? reached, CancellationToken cancellationToken) =>
        base.PutReadModel(record with { Kept = null }, reached, cancellationToken);
}

internal sealed class ClearsInsteadOfDropping(IStorage sound) : FaultyDocuments(sound)
{
    public override async ValueTask<bool> Drop(string collection, CancellationToken cancellationToken)
    {
        await base.Clear(collection, collection, cancellationToken);
        return true;
    }
}

internal sealed class DropsWhatIsNamed(IStorage sound) : FaultyDocuments(sound)
{
    public override async ValueTask<bool> Drop(string collection, CancellationToken cancellationToken)
    {
        if (await base.Drop(collection, cancellationToken))
            return true;
        await base.Clear(collection, collection, cancellationToken);
        return true;
    }
}
