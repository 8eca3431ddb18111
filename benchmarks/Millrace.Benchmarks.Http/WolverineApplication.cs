using Marten;
using Millrace.Benchmarks.Http.Peers;
using Wolverine;
using Wolverine.Marten;

namespace Millrace.Benchmarks.Http;

/// <summary>Wolverine's aggregate handlers on Marten, called through its bus from minimal API.</summary>
internal static class WolverineApplication
{
    public static WebApplication Build(WebApplicationBuilder builder, string database)
    {
        builder.Services.AddMarten((Marten.StoreOptions options) => MartenApplication.Configure(options, database))
            .UseLightweightSessions()
            .IntegrateWithWolverine();
        builder.Host.UseWolverine(options =>
        {
            options.Policies.AutoApplyTransactions();
            options.Durability.Mode = DurabilityMode.Solo;
        });
        var app = builder.Build();
        app.MapPost(
            "/accounts",
            async (OpenAccount request, IMessageBus bus, CancellationToken stop) =>
            {
                await bus.InvokeAsync(new OpenPeerAccount(request.Account, request.Owner), stop);
                return Results.NoContent();
            }
        );
        app.MapPost(
            "/accounts/{account:guid}/deposits",
            async (Guid account, DepositBody request, IMessageBus bus, CancellationToken stop) =>
            {
                await bus.InvokeAsync(new DepositPeerMoney(account, request.Amount), stop);
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
}
