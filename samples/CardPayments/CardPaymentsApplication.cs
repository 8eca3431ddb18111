using CardPayments.Charges;
using CardPayments.Faults;
using CardPayments.Webhooks;

namespace CardPayments;

/// <summary>Creates the web application of the service.</summary>
public static class CardPaymentsApplication
{
    /// <summary>Creates the service, which listens on a port of this machine.</summary>
    public static WebApplication Create(CardPaymentsOptions options)
    {
        var builder = WebApplication.CreateBuilder(
            new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory }
        );
        builder.WebHost.UseUrls($"http://127.0.0.1:{options.Port}");
        builder
            .Logging.ClearProviders()
            .AddSimpleConsole(console => console.SingleLine = true)
            .SetMinimumLevel(LogLevel.Warning);
        builder.Services.Configure<Microsoft.Extensions.Logging.Console.ConsoleLoggerOptions>(console =>
            console.LogToStandardErrorThreshold = LogLevel.Trace);
        var services = builder.Services;
        services.AddSingleton(TimeProvider.System);
        services.AddSingleton(Random.Shared);
        services.AddSingleton(new HttpClient());
        services.AddSingleton(new WebhookTarget(options.Webhook, options.Secret));
        services.AddSingleton<Webhooks.Webhooks>();
        services.AddSingleton<FaultMiddleware>();
        services.AddMillraceProblemDetails();
        services.AddMillrace(millrace => UseStore(options, millrace)
            .AddModel<Till>()
            .AddTimers()
            .AddConsumer(provider => provider.GetRequiredService<Webhooks.Webhooks>().Consumer())
            .ConfigureStore(store => store.Source = "card-payments"));
        var app = builder.Build();
        app.Services.GetRequiredService<FaultMiddleware>().FaultSettings = options.FaultSettings;
        Map(app);
        return app;
    }

    private static MillraceBuilder UseStore(CardPaymentsOptions options, MillraceBuilder millrace) =>
        options.Database is { } database
            ? millrace.UsePostgreSql(store =>
            {
                store.ConnectionString = database;
                (store.LogSchema, store.DocumentSchema) = ("card_payments", "card_payments_documents");
            })
            : millrace.UseSqlite(Path.Combine(options.Data, "card-payments.db"));

    private static void Map(WebApplication app)
    {
        app.UseMillraceProblemDetails();
        app.Use(
            (http, next) => http.RequestServices.GetRequiredService<FaultMiddleware>().Handle(http, () => next(http)));
        app.MapPutCommand<RequestCharge>("/charges/{charge}");
        app.MapCommand<CaptureCharge>("/charges/{charge}/capture");
        app.MapCommand<RefundCharge>("/charges/{charge}/refund");
        app.MapQuery<GetCharge>("/charges/{charge}");
        app.MapQuery<ListCharges>("/charges");
        app.MapGet("/mood", (FaultMiddleware middleware) => middleware.FaultSettings);
        app.MapPut("/mood", (FaultSettings mood, FaultMiddleware middleware) =>
        {
            if (mood.Problem() is { } problem)
                return Results.BadRequest(new { error = "invalid-mood", detail = problem });
            middleware.FaultSettings = mood;
            return Results.Ok(mood);
        });
        app.MapMillrace();
    }
}
