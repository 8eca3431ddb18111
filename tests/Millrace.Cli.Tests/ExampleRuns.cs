using System.Security.Cryptography;

namespace Millrace.Cli.Tests;

/// <summary>Lists all examples of the help with their expected results.</summary>
internal static class ExampleRuns
{
    private const string Cause = "FormatException-3fa9c01b";
    private const string Unreachable = "https://shop.example/millrace cannot be reached";

    private static readonly string[] BackedUp = ["backup backups/"];

    private static readonly string[] Archived = ["archive run --to archive/ --streams *"];

    private static readonly string[] RebuildWithoutSwitch =
    [
        "projections rebuild daily-sales --beside --no-switch --build out --json",
    ];

    private static readonly string[] MaryMayGrant =
    [
        "access grant user:mary role clerk --system --reason test",
        "access grant user:mary grant role clerk --system --reason test",
    ];

    private static readonly string[] TenantsWithFiles = ["tenants create acme --store tenants/{tenant}.db"];

    private static readonly string[] TenantWithEvent =
        ["tenants create acme", "append order-1 --type order.noted --data 1 --tenant acme"];

    public static IReadOnlyList<ExampleRun> All { get; } =
    [
        .. Events,
        .. Writing,
        .. Values,
        .. ReadModels,
        .. Consumers,
        .. DeadLetterRuns,
        .. Senders,
        .. AccessRuns,
        .. Models,
        .. Names,
        .. QueryExampleRuns.All,
        .. ConfigExampleRuns.All,
        .. Schemas,
        .. Files,
        .. TenantRuns,
        .. ShardExampleRuns.All,
        .. Machine,
    ];

    private static ExampleRun[] Events =>
    [
        new("streams", 0, "order-1000", "order-1049"),
        new("streams order-", 0, "order-1000"),
        new("streams order-53 --limit 0", 0, "order-530", "order-539"),
        new("streams --categories", 0, "order"),
        new("read order-42", 0, "order.placed", "order.paid", "order.noted", "\"amount\": 30"),
        new("read order-42 --backwards -n 1", 0, "order.noted"),
        new("read order-42 --from 2 -n 1 --raw > event.bin", 0, "{\"payment\":\"card\"}"),
        new("read order-42 --from 3 --json", 0, "\"version\":3"),
        new("tail", 0, "order-1599", "order-1590"),
        new("tail -f", 130, "order-1590") { IsEndless = true },
        new("tail -f --type order.paid", 130, "order.paid") { IsEndless = true },
        new("tail -f --type order.paid --long", 130, "order.paid") { IsEndless = true },
        new("tail -f --after 1042 --json", 130, "\"position\":1043,") { IsEndless = true },
        new("find 1042", 0, "order-1540", "1042"),
        new("find 0193b1c2-7c1e-7cc3-9b46-a1f0c5e2d3b4", 0, "order.noted", "order-42"),
        new("count", 0, "1,103"),
        new("count --type order.placed --since 24h", 0, "40"),
        new("count --stream order- --tag customer:17850", 0, "1"),
        new("info", 0, "1,103"),
        new("info order-42", 0, "order-42", "3"),
        new("stats", 0, "order.placed", "2011", "2014"),
        new("stats --per hour --since 24h", 0, "order.placed"),
        new("stats --type order.placed --per month --json", 0, "\"per\":\"month\""),
        new("metrics", 0, "There are no current samples"),
        new("metrics event-rate --since 1h", 0, "There are no samples of event-rate"),
        new("metrics consumer-lag --subject orders@1 --since 7d --json", 0, "["),
        new("replay --type order.placed --since 2011-12-01 | jq .data.amount", 0, "\"amount\":30"),
        new("replay --after 1042", 0, "\"position\":1043,"),
        new("replay > log.ndjson", 0, "\"position\":1,"),
    ];

    // ServerCommandTests run these commands with an application.
    private static ExampleRun[] Servers =>
    [
        new("access list --server https://shop.example --token-file token.txt", 1, Unreachable)
        {
            Prepare = static folder => File.WriteAllText(Path.Combine(folder, "token.txt"), "secret"),
        },
        new("retention run --server https://shop.example", 1, Unreachable),
        new("erasure request request-17 customer-42 --reason 'asked by letter' --server https://shop.example", 1,
            Unreachable),
        new("erasure approve request-17 --server https://shop.example", 1, Unreachable),
        new("erasure hold customer-42 --reason lawsuit --server https://shop.example", 1, Unreachable),
        new("erasure release customer-42 --reason settled --server https://shop.example", 1, Unreachable),
        new("erasure export customer-42 customer-42.json --server https://shop.example", 1, Unreachable),
    ];

    private static ExampleRun[] AccessRuns =>
    [
        new("access", 0, "user:mary", "role clerk") { Before = MaryMayGrant },
        new("access list --json", 0, "\"bySystem\":true") { Before = MaryMayGrant },
        new("access list --at 1042", 0, "No rights are granted.") { Before = MaryMayGrant },
        new("access explain alice send place-order", 0, "alice has the permission 'send place-order'")
        {
            Before = ["access grant user:alice send place-order --system --reason test"],
        },
        new("access explain alice view customer.email --role clerk", 0, "role:clerk")
        {
            Before = ["access grant role:clerk view customer --system --reason test"],
        },
        new("access explain alice read order --at 1042", 0, "alice does not have the permission 'read order'"),
        new("access grant user:alice role clerk --reason \"vacation cover\"", 1, "grant role clerk", "--system"),
        new(
            "access grant user:alice role clerk --by mary --reason \"vacation cover\"",
            0,
            "'role clerk' was granted to user:alice")
        {
            Before = MaryMayGrant,
        },
        new(
            "access grant role:clerk view customer without email --system --reason \"new task\"",
            0,
            "'view customer without email' was granted to role:clerk"),
        new("access revoke user:alice role clerk --by mary --reason \"back again\"", 0, "was revoked from user:alice")
        {
            Before = [.. MaryMayGrant, "access grant user:alice role clerk --by mary --reason test"],
        },
    ];

    private static ExampleRun[] Writing =>
        [
            new("append order-42 --type order.noted --data '{\"note\":\"call first\"}'", 0, "order-42", "4"),
            new("append order-42 --type order.scanned --file scan.png --content-type image/png", 0, "order-42", "4"),
            new("append order-42 --type order.noted --expect 3 < note.json", 0, "order-42", "4"),
            new(
                "append order-42 --type order.noted --id 0193b1c2-7c1e-7cc3-9b46-a1f0c5e2d3b4 --data '{}'",
                0,
                "order-42",
                "3"),
        ];

    private static ExampleRun[] Values =>
        [
            new(
                "why daily-sales/2011-12-05.total --build out",
                0,
                "daily-sales/2011-12-05.total = 65",
                "DailySalesProjection.Apply("),
            new("why daily-sales/2011-12-05 --all", 0, "\"day\": \"2011-12-05\""),
            new("why order-42.status --at 2h", 0, "order-42.status = \"paid\"", "before    \"placed\""),
            new(
                "why order-totals/order-42 --build out",
                0,
                "order-totals/order-42: 1 event, ",
                "INSERT INTO order_totals",
                "\"42\", 30"),
            new(
                "at 2h show order-42 --build out",
                0,
                "\"status\": \"paid\"",
                "daily-sales/2011-12-05",
                "Tables of order-totals"),
            new("at 1042 show order-42 --and now", 0, "status: \"placed\" -> \"paid\""),
            new("at 2011-12-05T10:22:01Z show order-42 --build out", 0, "version 1", "\"status\": \"placed\""),
            new("at 1042 show order-42 --and 1100 --json", 0, "\"eventCount\":2"),
        ];

    private static ExampleRun[] ReadModels =>
        [
            new("projections", 0, "daily-sales@1"),
            new("projections status --json", 0, "\"projection\":\"daily-sales@1\""),
            new("projections rebuild daily-sales", 0, "daily-sales") { NeedsApplication = true },
            new("projections rebuild daily-sales --beside", 0, "daily-sales@1.2") { NeedsApplication = true },
            new("projections rebuild daily-sales --beside --build out", 0, "daily-sales@1.2"),
            new("projections rebuild daily-sales --no-wait", 0, "daily-sales"),
            new("projections compare daily-sales", 0, "0 changed") { Before = RebuildWithoutSwitch },
            new("projections compare daily-sales --json", 0, "\"isSame\":true") { Before = RebuildWithoutSwitch },
            new("projections switch daily-sales", 0, "daily-sales@1.2") { Before = RebuildWithoutSwitch },
            new("projections back daily-sales", 0, "daily-sales@1")
            {
                Prepare = ExampleShop.ReplaceStoreWithoutDeadLetters,
                Before = [.. RebuildWithoutSwitch, "projections switch daily-sales"],
            },
            new("projections drop daily-sales", 0, "daily-sales@1.2") { Before = RebuildWithoutSwitch },
            new("preview --build out", 0, "daily-sales"),
            new("preview --build out --sample 100 --json", 0, "\"isSame\":true"),
        ];

    private static ExampleRun[] Consumers =>
    [
        new("consumers", 0, "daily-sales@1", "mail-sender", "order-totals@1"),
        new("consumers list --json", 0, "\"consumer\":\"mail-sender\""),
        new("consumers pause daily-sales@1", 0, "daily-sales@1"),
        new("consumers resume daily-sales@1", 0, "daily-sales@1") { Before = ["consumers pause daily-sales@1"] },
        new("consumers restart mail-sender", 0, "mail-sender restarts."),
        new("consumers reset mail-sender", 0, "mail-sender"),
        new("consumers reset mail-sender --to 1042", 0, "mail-sender continues after position 1042."),
        new("consumers watch", 0, "mail-sender"),
        new("consumers watch daily-sales@1 --seconds 5 --every 1", 0, "daily-sales@1"),
    ];

    // The shop has neither timers nor processes. SenderCommandTests tests both.
    private static ExampleRun[] Senders =>
        [
            new("timers", 0, "No timers match."),
            new("timers list --held", 0, "No timers match."),
            new(
                "timers cancel order-42-unpaid --reason \"paid by hand\"", 3,
                "Timer 'order-42-unpaid' no longer exists"),
            new("timers cancel order-42-unpaid", 3, "Timer 'order-42-unpaid' no longer exists"),
            new(
                "timers edit order-42-unpaid --due 2031-12-05T10:00:00Z", 3,
                "There is no timer 'order-42-unpaid' any more"),
            new(
                "timers edit order-42-unpaid --body '{\"order\":\"42\",\"payment\":\"cash\"}' "
                    + "--command pay-order --build out",
                3,
                "There is no timer 'order-42-unpaid' any more"),
            new("timers run order-42-unpaid", 3, "There is no timer 'order-42-unpaid' any more"),
            new("timers show order-42-unpaid", 3, "Timer 'order-42-unpaid' does not exist"),
            new("schedules", 0, "There are no schedules."),
            new("schedules list --json", 0, "[]"),
            new("schedules show nightly-report", 3, "There is no schedule 'nightly-report'"),
            new("schedules next nightly-report", 3, "There is no schedule 'nightly-report'"),
            new("schedules next nightly-report --count 20", 3, "There is no schedule 'nightly-report'"),
            new("schedules run-now nightly-report", 3, "There is no schedule 'nightly-report'"),
            new("schedules pause nightly-report", 3, "There is no schedule 'nightly-report'"),
            new("schedules resume nightly-report", 3, "There is no schedule 'nightly-report'"),
            new("schedules cancel nightly-report", 3, "There is no schedule 'nightly-report'"),
            new(
                "schedules edit nightly-report --cron \"0 5 * * *\" --zone Europe/Berlin --reason \"the day starts "
                    + "later\"",
                3,
                "There is no schedule 'nightly-report'"),
            new(
                "schedules edit nightly-report --command place-order --body "
                    + "'{\"order\":\"42\",\"amount\":10}' --build out",
                3,
                "There is no schedule 'nightly-report'"),
            new(
                "schedules add month-end --cron \"0 6 1 * *\" --command place-order --body "
                    + "'{\"order\":\"42\",\"amount\":10}' --build out",
                1,
                "No node of the application runs schedules"),
            new("schedules remove nightly-report", 3, "There is no schedule 'nightly-report'"),
            new("schedules restore nightly-report", 3, "There is no schedule 'nightly-report'"),
            new("schedules reset nightly-report", 3, "There is no schedule 'nightly-report'"),
            new("processes diagram fulfilment --build out", 3, "The build has no process 'fulfilment'"),
            new("processes", 0, "No process has run on this store yet."),
            new("processes list fulfilment --state Held", 0, "No instances match."),
            new("processes list fulfilment", 0, "No instances match."),
            new("processes check --build out", 0, "0 open, 0 would be stuck."),
            new("processes history fulfilment order-42", 3, "The process 'fulfilment' has no instance 'order-42'"),
            new(
                "processes resume fulfilment order-42 --reason \"the bank is back\"",
                3,
                "There is no instance 'order-42' of the process 'fulfilment'"),
            new(
                "processes resume fulfilment order-42 --from pay", 3,
                "There is no instance 'order-42' of the process 'fulfilment'"),
            new(
                "processes cancel fulfilment order-42 --reason \"the customer called\"",
                3,
                "There is no instance 'order-42' of the process 'fulfilment'"),
            new(
                "processes move fulfilment order-42 --to ship --reason \"paid by hand\"",
                3,
                "There is no instance 'order-42' of the process 'fulfilment'"),
        ];

    private static ExampleRun[] DeadLetterRuns =>
        [
            new("dead-letters", 0, Cause),
            new("dead-letters groups --json", 0, Cause),
            new("dead-letters list --consumer daily-sales@1", 0, "order.placed"),
            new("dead-letters list --state Parked", 0, "mail-sender", "daily-sales@1"),
            new("dead-letters list --cause TimeoutException-3fa9c01b", 0, "mail-sender"),
            new("dead-letters list --state Skipped --state Discarded", 0, "former-2", "former-3"),
            new("dead-letters show 7", 0, "It was so.", "order-500"),
            new("dead-letters show 7 --as-test Shop.Sales", 0, "Shop.Sales", "[Fact]"),
            new(
                "dead-letters show 8 --as-test Shop.Sales --handler \"Shop.Mailer.Define(new FakeMail())\"",
                0,
                "new FakeMail()"),
            new("dead-letters retry 7", 0, "7"),
            new("dead-letters retry --cause TimeoutException-3fa9c01b --rate 20", 0, "1"),
            new("dead-letters skip 7 --reason \"a test order\"", 0, "7"),
            new("dead-letters discard 7 --reason \"the shop was closed\"", 0, "7"),
            new("dead-letters edit 7 --file corrected.json --reason \"amount was in cents\"", 0, "7"),
            new("dead-letters edit 7 --data '{\"amount\":5}' --reason \"a typo\" --build out", 0, "7"),
            new("dead-letters simulate --build out --consumer daily-sales@1", 0, "2 would succeed"),
            new("dead-letters simulate 7 --build out --data '{\"amount\":5}'", 0, "1 would succeed"),
            new($"dead-letters simulate --build out --cause {Cause} --patch '{{\"amount\":0}}'", 0, "2 would succeed"),
            new($"dead-letters cohort --cause {Cause} --build out", 0, "2") { NeedsApplication = true },
            new(
                "dead-letters cohort --consumer mail-sender --patch '{\"lang\":\"en\"}' "
                    + "--reason \"was empty\" --rate 10",
                0,
                "1")
            {
                NeedsApplication = true,
            },
        ];

    private static ExampleRun[] Models =>
        [
            new("model --build out/Shop.dll", 0, "order.placed", "place-order", "daily-sales"),
            new("model list --build out/Shop.dll", 0, "order.placed", "place-order", "daily-sales"),
            new("model list commands --context Orders -b out", 0, "place-order", "order.placed"),
            new("model list --build out --json", 0, "\"name\":\"order.placed\""),
            new("model show order.paid --build out/Shop.dll", 0, "payment", "pay-order"),
            new("model show Order --build out", 0, "amount-positive", "amount > 0"),
            new("model diagram --build out/Shop.dll --format html --out model.html", 0, "model.html")
            {
                Creates = "model.html",
            },
            new("model diagram -b out --format asyncapi --out asyncapi.json", 0, "asyncapi.json")
            {
                Creates = "asyncapi.json",
            },
            new("model diagram -b out --format markdown --out docs/model.md", 0, "docs/model.md")
            {
                Creates = "docs/model.md",
            },
            new("model diagram -b out --format markdown --out docs/model.md --check", 0, "docs/model.md")
            {
                Before = ["model diagram -b out --format markdown --out docs/model.md"],
            },
            new("model boundaries --build out/Shop.dll", 0, "Order"),
            new("model boundaries Order -b out", 0, "order-payable", "_status == \"placed\""),
            new("model boundaries -b out --out docs/boundaries.md --check", 0, "docs/boundaries.md")
            {
                Before = ["model boundaries -b out --out docs/boundaries.md"],
            },
            new("design shop.design", 0, "OrderPaid", "total-positive"),
            new("design shop.design --json", 0, "\"total-positive\""),
            new("design shop.design --out Shop", 0, "Shop") { Creates = "Shop/README.md" },
        ];

    private static ExampleRun[] Names =>
    [
        new("names check order.placed OrderPaidEvent", 1, "OrderPaid"),
        new("names check PlaceOrder order.paid orders.shipped", 1, "order.shipped"),
        new("names check --store shop.db", 0, "order.placed"),
        new("names check order.shipped --store shop.db", 0, "order.shipped"),
        new("names propose Order", 0, "order.placed"),
        new("names propose \"shopping cart\"", 0, "shopping-cart."),
    ];

    private static ExampleRun[] Schemas =>
        [
            new("schema --role shop | psql shop", 0, "CREATE TABLE", "shop"),
            new("schema list --build out/Shop.dll", 0, "order.placed"),
            new("schema list --build bin/Release/net10.0/Shop.dll", 0, "order.placed"),
            new("schema list --build out --json", 0, "\"order.placed\""),
            new("schema check --build out/Shop.dll", 0, "order.placed"),
            new("schema check --build out", 0, "order.placed"),
            new("schema check --build out --sample 1000", 0, "order.placed"),
            new("schema check --build out --strict --json", 0, "\"isReadable\":true"),
            new("schema accept", 0, "events.contract.json") { Prepare = AddProject },
            new("schema accept --build bin/Release/net10.0/Shop.dll", 0, "events.contract.json")
            {
                Creates = "events.contract.json",
            },
            new("schema accept src/Shop/events.contract.json --build out --check", 0, "up to date")
            {
                Before = ["schema accept src/Shop/events.contract.json --build out"],
            },
            new("schema forget ticket.opened", 0, "ticket.opened") { Prepare = WriteContractWithDrafts },
            new("schema forget 'ticket.*' --store data/shop.db", 0, "ticket.opened", "ticket.closed")
            {
                Prepare = static folder =>
                {
                    WriteContractWithDrafts(folder);
                    File.Copy(Path.Combine(folder, "shop.db"), Path.Combine(folder, "data", "shop.db"));
                },
            },
            new("schema forget order.placed --version 3", 0, "order.placed") { Prepare = WriteContractWithDrafts },
        ];

    private static ExampleRun[] Files =>
        [
            new("backup shop-backup.db", 0, "shop-backup.db") { Creates = "shop-backup.db" },
            new("backup backups/", 0, "Backed up 1,103 positions") { Creates = "backups" },
            new("backup backups/ --continue-backup", 0, "Backed up 1,103 positions") { Creates = "backups" },
            new("backup backups/ --full", 0, "Backed up 1,103 positions", "/1-2 ") { Before = BackedUp },
            new("backups backups/", 0, "1,103") { Before = BackedUp },
            new("backups backups/ --json", 0, "\"lastPosition\":1103") { Before = BackedUp },
            new("backups check backups/", 0, "All promises hold.") { Before = BackedUp },
            new("backups check backups/ --at 1103 --json", 0, "\"isSound\":true") { Before = BackedUp },
            new("restore backups/ restored.db --yes", 0, "up to position 1,103", "Log epoch 2")
            {
                Before = BackedUp,
                Creates = "restored.db",
            },
            new("restore backups/ restored.db --at 1103 --reason 'wrong import' --yes", 0, "up to position 1,103")
            {
                Before = BackedUp,
            },
            // The backup was written later than this time.
            new("restore backups/ restored.db --at 2026-01-02T10:22:01+01:00 --yes", 1, "cannot restore")
            {
                Before = BackedUp,
            },
            new(
                "begin-log-epoch --reason 'restored from Monday' --yes",
                0,
                "Log epoch 2 starts after position 1,103"),
            new("read '$log-epochs'", 0, "log-epochs.begun")
            {
                Before = ["begin-log-epoch --reason 'restored from Monday' --yes"],
            },
            new("archive run --to archive/ --older-than 365d", 0, "Archived") { Creates = "archive" },
            new("archive run --to archive/ --streams 'order-*' --dry-run", 0, "Would archive"),
            new("archive list", 0, "segment") { Before = Archived },
            new("archive list --json", 0, "\"archived\"") { Before = Archived },
            new("archive check", 0, "Each archived event can be read.") { Before = Archived },
            new("archive check --json", 0, "\"isSound\":true") { Before = Archived },
            new("archive restore order-42", 0, "Restored 3 events") { Before = Archived },
            new("archive restore --all", 0, "of all streams to the store") { Before = Archived },
            // The shop has no policies.
            new("retention plan", 1, "no application has recorded its policies"),
            new("retention plan --json", 1, "no application has recorded its policies"),
            new("retention plan --category cart --before 90d", 1, "no application has recorded its policies"),
            new("retention run --by ann", 1, "no application has recorded its policies"),
            new("retention run --by ann --archive archive", 1, "no application has recorded its policies"),
            new("retention run --category cart --before 90d", 1, "no application has recorded its policies"),
            new("retention list", 0, "There are no retention runs."),
            new("retention list --json", 0, "[]"),
            new("retention show scheduled-20260329-030000", 3, "There is no retention run"),
            new(
                "retention stop run-20260329-010000-0000000 --reason \"wrong policy\"",
                3,
                "There is no retention run"),
            new("erasure stop request-17 --reason \"key store lost\"", 3, "There is no erasure 'request-17'."),
            new("erasure list", 0, "There are no erasures."),
            new("erasure list --json", 0, "[]"),
            new("erasure show request-17", 3, "There is no erasure 'request-17'."),
            new("erasure show request-17 --certificate request-17.json", 3, "There is no erasure 'request-17'."),
            .. Servers,
            new("certificate verify request-17.json --key public.pem", 3, "does not exist"),
            // The shop declares no reports. ReportTests tests a store with a declaration.
            new("report gdpr -o gdpr.html", 0, "gdpr.html: 1 finding") { Creates = "gdpr.html" },
            new("report gdpr --from 2011-01-01 --to 2012-01-01 -o gdpr.html", 0, "gdpr.html: 1 finding")
            {
                Creates = "gdpr.html",
            },
            new("report gdpr --json", 0, "\"notDeclared\""),
            new(
                "report sox --from 2011-12-01 --key public.pem --anchors anchors.jsonl -o sox.html",
                0,
                "sox.html: 3 findings")
            {
                Prepare = AddSealFiles,
                Creates = "sox.html",
            },
            new("report sox --skip-verification --format json > sox.json", 0, "\"notDeclared\""),
            new("report retention --from 2011-01-01 --to 2012-01-01 -o retention.html", 0, "retention.html: 1 finding")
            {
                Creates = "retention.html",
            },
            new("report retention --json", 0, "\"notDeclared\""),
            new("keys list --keys keys.db", 5, "The key store 'keys.db' does not exist."),
            new("keys list --keys keys.db --json", 5, "does not exist"),
            new("keys verify --keys keys.db", 5, "does not exist"),
            new("keys rewrap --keys keys.db --former-passphrase-file old.txt", 5, "does not exist"),
            new("keys rewrap --keys keys.db --store shop.db", 5, "does not exist"),
            new("keys replace customer-42 --keys keys.db", 5, "does not exist"),
            new("keys reencrypt --keys keys.db --reason 'stolen laptop'", 5, "does not exist"),
            new("keys protect-claims customer-email --keys keys.db --reason 'privacy review'", 5, "does not exist"),
            new("keys unmarked --last 100000", 0, ""),
            new("keys lost 3q2-7wAAAAAAAAAAAAAAAA --keys keys.db --reason 'no backup'", 5, "does not exist"),
            new("move shop.db copy.db --dry-run", 0, "can be moved", "1,103"),
            new("move shop.db copy.db", 0, "Moved shop.db to copy.db", "1,103 events") { Creates = "copy.db" },
            new("move copy.db shop.db", 0, "Moved copy.db to shop.db", "0 events")
            {
                Before = ["move shop.db copy.db"],
            },
            new("move tenants/{tenant}.db other/{tenant}.db --tenant acme", 0, "Moved tenants/acme.db to other/acme.db")
            {
                Prepare = static folder => Directory.CreateDirectory(Path.Combine(folder, "other")),
                Before =
                [
                    .. TenantsWithFiles,
                    "append order-1 --create --type a.b --data 1 --store tenants/{tenant}.db --tenant acme",
                ],
            },
            new("upgrade --store shop.db", 0, "is up to date")
            {
                Prepare = static folder => ExampleShop.WriteOlderStore(Path.Combine(folder, "shop.db")),
            },
            new("export shop.jsonl.gz", 0, "1,103") { Creates = "shop.jsonl.gz" },
            new("export orders.jsonl --stream order- --since 7d", 0, "42") { Creates = "orders.jsonl" },
            new("export --type order.placed > placed.jsonl", 0, "\"type\":\"order.placed\""),
            new("import shop.jsonl.gz --store copy.db --create", 0, "1,103")
            {
                Before = ["export shop.jsonl.gz"],
                Creates = "copy.db",
            },
            new("import shop.jsonl.gz --store copy.db --create --dry-run", 0, "1,103")
            {
                Before = ["export shop.jsonl.gz"],
            },
            new("import run-1.jsonl.gz run-2.jsonl.gz --store archive.db --create", 0, "1,103")
            {
                Before = ["export run-1.jsonl.gz", "export run-2.jsonl.gz --stream order-"],
                Creates = "archive.db",
            },
            new("import events.jsonl --stream-from source --retime", 0, "2"),
        ];

    private static ExampleRun[] TenantRuns =>
        [
            new("tenants", 0, "acme") { Before = ["tenants create acme"] },
            new("tenants --store 'tenants/{tenant}.db'", 0, "acme") { Before = TenantsWithFiles },
            new("tenants list", 0, "acme") { Before = ["tenants create acme"] },
            new("tenants list --store 'tenants/{tenant}.db' --json", 0, "\"tenant\":\"acme\"")
            {
                Before = TenantsWithFiles,
            },
            new("tenants create initech", 0, "Created the tenant initech."),
            new("tenants create initech --store 'tenants/{tenant}.db'", 0, "Created the tenant initech.")
            {
                Creates = "tenants/initech.db",
            },
            new("tenants remove acme --dry-run", 0, "Would remove the tenant acme: 1 event in 1 stream.")
            {
                Before = TenantWithEvent,
            },
            new("tenants remove acme --yes", 0, "Removed the tenant acme: 1 event in 1 stream.")
            {
                Before = TenantWithEvent,
            },
            new("tenants remove acme --yes --store 'tenants/{tenant}.db'", 0, "Removed the tenant acme")
            {
                Before = TenantsWithFiles,
            },
        ];

    private static ExampleRun[] Machine =>
    [
        new("doctor", 0, "dead-letters: 2 events failed"),
        new("doctor --build out --strict", 1, "dead-letters: 2 events failed"),
        new("doctor --json", 0, "\"isHealthy\":true"),
        // The shop has neither seals nor an audit trail. AuditTests tests a store with both.
        new("audit verify --key public.pem --anchors anchors.jsonl", 5, "NotSealed") { Prepare = AddSealFiles },
        new("audit verify --json", 5, "\"kind\":\"notSealed\""),
        new("audit prove 42", 3, "has no seal"),
        new("audit prove 42 > proof.json", 3, "has no seal"),
        new("audit list --user ada --since 7d", 0, "no matching entries"),
        new("audit list --result denied", 0, "no matching entries"),
        new("audit list --action 'command.*' --format csv > commands.csv", 0, "position,time,user,action"),
        new("verify", 0, "All promises hold."),
        new("verify --json", 0, "\"isSound\":true"),
        new("bench", 0, "1 writer × 1 event"),
        new("bench --directory data --seconds 1 --json", 0, "\"eventsPerSecond\""),
        new("completion bash", 0, "complete"),
        new("completion zsh", 0, "compdef"),
        new("completion fish", 0, "complete"),
        new("completion pwsh", 0, "Register-ArgumentCompleter"),
        new("json-schema", 0, "\"verify\""),
        new("json-schema verify", 0, "\"#/$defs/verify\""),
        new("json-schema consumers list > consumers.schema.json", 0, "\"#/$defs/consumers-list\""),
    ];

    /// <summary>Adds a built project with its contract file.</summary>
    private static void AddProject(string folder)
    {
        Directory.CreateDirectory(Path.Combine(folder, "src", "Shop", "bin", "Release"));
        File.WriteAllText(Path.Combine(folder, "src", "Shop",
            "events.contract.json"), """{"compatibility":"backward","events":{}}""");
        File.WriteAllText(Path.Combine(folder, "src", "Shop", "Shop.csproj"), "<Project />");
        foreach (var file in Directory.GetFiles(Path.Combine(folder, "out")))
            File.Copy(file, Path.Combine(folder, "src", "Shop", "bin", "Release", Path.GetFileName(file)));
    }

    /// <summary>Writes a contract file with events that were never stored.</summary>
    private static void WriteContractWithDrafts(string folder) => File.WriteAllText(
        Path.Combine(folder, "src", "Shop", "events.contract.json"),
        """
        {
          "compatibility": "backward",
          "events": {
            "order.placed": { "1": { "amount": "decimal" }, "3": { "amount": "decimal" } },
            "ticket.closed": { "1": { "title": "string" } },
            "ticket.opened": { "1": { "title": "string" } }
          }
        }
        """);

    private static void AddSealFiles(string folder)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        File.WriteAllText(Path.Combine(folder, "public.pem"), key.ExportSubjectPublicKeyInfoPem());
        File.WriteAllText(Path.Combine(folder, "anchors.jsonl"), "");
    }
}
