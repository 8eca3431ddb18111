using Millrace.Benchmarks.Http.Bank;

namespace Millrace.Benchmarks.Http;

/// <summary>An idle application with twenty consumers.</summary>
internal static class IdleApplication
{
    private const int Consumers = 20;

    public static WebApplication OnPostgreSql(WebApplicationBuilder builder, string database) =>
        Build(builder, millrace => millrace.UsePostgreSql(database));

    public static WebApplication OnSqlite(WebApplicationBuilder builder, string file) =>
        Build(builder, millrace => millrace.UseSqlite(file));

    private static WebApplication Build(WebApplicationBuilder builder, Action<MillraceBuilder> use)
    {
        builder.Services.AddMillrace(millrace =>
        {
            use(millrace);
            millrace.AddModel<BankModel>();
            millrace.AddModel(model =>
            {
                for (var i = 0; i < Consumers; i++)
                    model.Projection(AccountViews.Define($"accounts-{i}", ProjectionLifecycle.Asynchronous));
            });
        });
        return builder.Build();
    }
}
