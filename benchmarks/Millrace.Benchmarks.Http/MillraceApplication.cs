using Millrace.AspNetCore;
using Millrace.Benchmarks.Http.Bank;

namespace Millrace.Benchmarks.Http;

/// <summary>Millrace as in its README, with an inline or an asynchronous read model.</summary>
internal static class MillraceApplication
{
    public static WebApplication Build(WebApplicationBuilder builder, string database, ProjectionLifecycle lifecycle)
    {
        builder.Services.AddMillrace(millrace => millrace
            .UsePostgreSql(database)
            .AddModel<BankModel>()
            .AddModel(model => model.Projection(AccountViews.Define("accounts", lifecycle))));
        builder.Services.AddMillraceProblemDetails();
        var app = builder.Build();
        app.UseMillraceProblemDetails();
        app.MapCommand<OpenBankAccount>("/accounts");
        app.MapCommand<DepositMoney>("/accounts/{account}/deposits");
        app.MapGet(
            "/accounts/{account}",
            (
                AccountId account,
                RequestToken after,
                IReadModel<AccountId, AccountView> accounts,
                CancellationToken stop) => accounts.Get(account, after, stop).ToResult());
        return app;
    }
}
