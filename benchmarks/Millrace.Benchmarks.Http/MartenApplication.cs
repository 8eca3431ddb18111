using JasperFx;
using JasperFx.Events.Projections;
using Marten;
using Millrace.Benchmarks.Http.Peers;
using MartenOptions = Marten.StoreOptions;

namespace Millrace.Benchmarks.Http;

/// <summary>Marten with an inline snapshot and quick appends, in minimal API.</summary>
internal static class MartenApplication
{
    public static WebApplication Build(WebApplicationBuilder builder, string database)
    {
        builder.Services.AddMarten((MartenOptions options) => Configure(options, database)).UseLightweightSessions();
        var app = builder.Build();
        app.MapPost(
            "/accounts",
            async (OpenAccount request, IDocumentSession session, CancellationToken stop) =>
            {
                session.Events.StartStream<PeerAccount>(
                    request.Account, new PeerAccountOpened(request.Account, request.Owner));
                await session.SaveChangesAsync(stop);
                return Results.NoContent();
            }
        );
        app.MapPost(
            "/accounts/{account:guid}/deposits",
            async (Guid account, DepositBody request, IDocumentSession session, CancellationToken stop) =>
            {
                var stream = await session.Events.FetchForWriting<PeerAccount>(account, stop);
                if (stream.Aggregate is not { } found)
                    return Results.NotFound();
                stream.AppendOne(found.Deposit(request.Amount));
                await session.SaveChangesAsync(stop);
                return Results.NoContent();
            }
        );
        app.MapGet(
            "/accounts/{account:guid}",
            async (Guid account, IQuerySession session, CancellationToken stop) =>
                await session.LoadAsync<PeerAccount>(account, stop) is { } found
                    ? Results.Json(found)
                    : Results.NotFound());
        return app;
    }

    public static void Configure(MartenOptions options, string database)
    {
        options.Connection(database);
        options.AutoCreateSchemaObjects = AutoCreate.All;
        options.Events.AppendMode = JasperFx.Events.EventAppendMode.Quick;
        options.UseSystemTextJsonForSerialization();
        options.Projections.Snapshot<PeerAccount>(SnapshotLifecycle.Inline);
    }
}
