using System.Text;
using Npgsql;
using NpgsqlTypes;

namespace Millrace.Benchmarks.Http;

/// <summary>
/// An application on minimal API and the bare driver, with one statement per request. It shows the highest possible
/// rate.
/// </summary>
internal static class RawApplication
{
    public static async Task<WebApplication> Build(WebApplicationBuilder builder, string database)
    {
        var source = NpgsqlDataSource.Create(
            new NpgsqlConnectionStringBuilder(database)
            {
                MaxPoolSize = 40,
                MaxAutoPrepare = 20,
                AutoPrepareMinUsages = 2,
            }
        );
        builder.Services.AddSingleton(source);
        var app = builder.Build();
        await using (var command = source.CreateCommand(
            "CREATE TABLE IF NOT EXISTS account (id uuid PRIMARY KEY, balance numeric NOT NULL, body jsonb NOT NULL)"))
        {
            await command.ExecuteNonQueryAsync();
        }
        app.MapPost(
            "/accounts",
            async (OpenAccount request, NpgsqlDataSource source, CancellationToken stop) =>
            {
                await using var command = source.CreateCommand(
                    "INSERT INTO account (id, balance, body) VALUES ($1, 0, "
                        + "jsonb_build_object('owner', $2::text, 'balance', 0))"
                );
                command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = request.Account });
                command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = request.Owner });
                await command.ExecuteNonQueryAsync(stop);
                return Results.NoContent();
            }
        );
        app.MapPost(
            "/accounts/{account:guid}/deposits",
            async (Guid account, DepositBody request, NpgsqlDataSource source, CancellationToken stop) =>
            {
                await using var command = source.CreateCommand(
                    "UPDATE account SET balance = balance + $2, body = jsonb_set(body, '{balance}', "
                        + "to_jsonb(balance + $2)) WHERE id = $1"
                );
                command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = account });
                command.Parameters.Add(new NpgsqlParameter<decimal> { TypedValue = request.Amount });
                return await command.ExecuteNonQueryAsync(stop) == 1 ? Results.NoContent() : Results.NotFound();
            }
        );
        app.MapGet(
            "/accounts/{account:guid}",
            async (Guid account, NpgsqlDataSource source, CancellationToken stop) =>
            {
                await using var command = source.CreateCommand("SELECT body FROM account WHERE id = $1");
                command.Parameters.Add(
                    new NpgsqlParameter<Guid> { TypedValue = account, NpgsqlDbType = NpgsqlDbType.Uuid }
                );
                return await command.ExecuteScalarAsync(stop) is string body
                    ? Results.Text(body, "application/json", Encoding.UTF8)
                    : Results.NotFound();
            }
        );
        return app;
    }
}
