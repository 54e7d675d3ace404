using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace IdServer.Data.Migrations.Sqlite
{
    /// <inheritdoc />
    public partial class KnownDevices : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "IX_known_devices_user_id_digest",
                table: "known_devices");

            migrationBuilder.AddColumn<long>(
                name: "FirstSignedInAt",
                table: "AspNetUsers",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.CreateIndex(
                name: "IX_known_devices_digest_user_id",
                table: "known_devices",
                columns: new[] { "digest", "user_id" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_known_devices_user_id",
                table: "known_devices",
                column: "user_id");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "IX_known_devices_digest_user_id",
                table: "known_devices");

            migrationBuilder.DropIndex(
                name: "IX_known_devices_user_id",
                table: "known_devices");

            migrationBuilder.DropColumn(
                name: "FirstSignedInAt",
                table: "AspNetUsers");

            migrationBuilder.CreateIndex(
                name: "IX_known_devices_user_id_digest",
                table: "known_devices",
                columns: new[] { "user_id", "digest" },
                unique: true);
        }
    }
}
