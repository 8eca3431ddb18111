using FsCheck;
using FsCheck.Fluent;
using Microsoft.Extensions.DependencyInjection;
using Millrace.Storage;

namespace Millrace.Tests;

/// <summary>
/// Property tests. Tenants that run concurrently with the same names, ids, claims and tags get the same results as in
/// separate stores.
/// </summary>
public sealed class TenantIsolationProperties
{
    private static readonly string[] Names = ["a", "a-b", "acme"];

    [Theory]
    [MemberData(nameof(TenantTestStore.All), MemberType = typeof(TenantTestStore))]
    public void Each_tenant_gets_the_same_results_as_in_a_separate_store(TenantStorageKind kind) =>
        Prop.ForAll(Histories().ToArbitrary(), steps => Check(kind, steps).GetAwaiter().GetResult())
            .Check(Config.QuickThrowOnFailure.WithMaxTest(kind < TenantStorageKind.FileEach ? 25 : 6));

    private static Gen<TenantStep[]> Histories() =>
        from steps in (from tenant in Gen.Choose(0, Names.Length - 1)
                       from kind in Gen.Elements(Enum.GetValues<TenantStepKind>())
                       from ship in Gen.Elements("ada", "bob", "ada/1")
                       from number in Gen.Choose(0, 5)
                       select new TenantStep(Names[tenant], kind, ship, number)).ListOf(60)
        select steps.ToArray();

    private static async Task<bool> Check(TenantStorageKind kind, TenantStep[] steps)
    {
        using var testStore = await TenantTestStore.Create(kind);
        await using var app = await TenantApp.Start(testStore);
        await Task.WhenAll(Names.Select(name => CheckOne(app, name, [.. steps.Where(step => step.Tenant == name)])));
        return true;
    }

    private static async Task CheckOne(TenantApp app, string name, TenantStep[] steps)
    {
        await using var scope = await app.Enter(name);
        await using var alone = await TestNode.StartCargo();
        foreach (var step in steps)
        {
            var expected = await step.Do(alone.Store);
            Assert.Equal(expected, await step.Do(scope.Store));
        }
        Assert.Equal(await TenantStep.Describe(alone.Store), await TenantStep.Describe(scope.Store));
        Assert.Equal(
            await Describe(alone.Store, alone.Consumers, alone.Cargo, alone.DeadLetters),
            await Describe(
                scope.Store, scope.Services.GetRequiredService<Consumers>(), scope.ReadModel<string, Cargo>(),
                TenantTests.DeadLettersOf(scope)));
        Assert.Equal(
            await Explain(new Explanations(alone.Host, Model())),
            await Explain(scope.Services.GetRequiredService<Explanations>()));
    }

    private static ModelCatalog Model()
    {
        var model = new ModelBuilder();
        Harbour.Register(model).Projection(Harbour.Cargo());
        return new ModelCatalog(model);
    }

    /// <summary>Returns a text of the read models and dead letters after all events are handled.</summary>
    private static async Task<string> Describe(
        EventStore store, Consumers consumers, IReadModel<string, Cargo> model, DeadLetters letters)
    {
        var token = await store.GetToken();
        Assert.True(await consumers.WaitFor("cargo@1", token, TestNode.WaitTimeout));
        var page = await model.Query(new ReadQuery { OrderBy = "crates", Limit = 100 }, token);
        var ada = await model.Get("ada", token);
        var some = await model.Count([new FieldCondition("crates", Comparison.Greater, 2)], token);
        var open = await letters.List(new DeadLetterQuery());
        var names = (await consumers.List()).Select(status => status.Name);
        return string.Join('\n', page.Items.Select(cargo => cargo.ToString()))
            + $"\n{ada.Value} {some.Value} {await letters.Count(new DeadLetterQuery())} {string.Join(' ', names)}\n"
            + string.Join(
                '\n',
                open.Select(letter => $"{letter.Consumer} {letter.Key} {letter.Stream} {letter.Version} {letter.State}")
            );
    }

    private static async Task<string> Explain(Explanations explanations)
    {
        var explained = await explanations.ExplainDocument("cargo", "ada");
        var shown = await explanations.Show(Harbour.StreamOf("ada"));
        return $"{explained.Exists} {explained.Value} {explained.Events} {explained.DeadLetterCount} "
            + $"{explained.Stored.Value} "
            + string.Join(
                ' ', explained.Changes.Select(change => $"{change.Event.Stream}@{change.Event.Version}:{change.After}"))
            + $" {shown.Version} {shown.Documents.Count} {shown.DeadLetters.Count}";
    }
}
